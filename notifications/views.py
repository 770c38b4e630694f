import math
import re

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from notifications.models import Notification

# As JavaScript writes a number; float() alone also takes "nan", "1_0" and " 1 ".
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@require_safe
def poll(request):
    """What changed for the person since a timestamp that they were given before.

    `GET ?since=<float>` answers `[{"name", "data", "timestamp"}]`, the oldest change first: all
    there is without `since`. 401 for who is not signed in, and where `person=<id>` says that the
    page is somebody else's; 400 for what is no timestamp; both with a `detail`. Writes nothing.
    """
    if not request.user.is_authenticated:
        return answer({"detail": _("Sign in first.")}, status=401)
    if request.GET.get("person", str(request.user.pk)) != str(request.user.pk):
        return answer({"detail": _("Somebody else has signed in.")}, status=401)
    try:
        since = read_since(request.GET.get("since", "0"))
    except ValueError as error:
        return answer({"detail": str(error)}, status=400)
    rows = Notification.objects.of(request.user).since(since)
    return answer([row.as_item() for row in rows])


poll.is_background = True


def read_since(text):
    """Return the timestamp that `text` writes; ValueError, with the reason, for anything else."""
    if not NUMBER.fullmatch(text):
        raise ValueError(_("since must be a number of seconds, 0 or more."))
    since = float(text)
    if math.isinf(since):
        raise ValueError(_("since is too large a number."))
    return since


def answer(data, status=200):
    headers = {"Cache-Control": "private, no-store"}
    return JsonResponse(data, safe=False, status=status, headers=headers)

import math
import re

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from notifications.models import Notification

# A number as JavaScript formats it; float() alone also takes "nan", "1_0" and " 1 ".
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@require_safe
def poll(request):
    """Return the notifications of the user that changed since an earlier timestamp.

    `GET ?since=<float>` returns `[{"name", "data", "timestamp"}]`, oldest change first, and
    everything without `since`. The status is 401 for anonymous users, and if `person=<id>` shows
    that another person has signed in since the page was loaded; 400 for an invalid timestamp. Both
    have a `detail`. The view writes nothing.
    """
    if not request.user.is_authenticated:
        return json_response({"detail": _("Sign in first.")}, status=401)
    if request.GET.get("person", str(request.user.pk)) != str(request.user.pk):
        return json_response({"detail": _("Somebody else has signed in.")}, status=401)
    try:
        since = parse_since(request.GET.get("since", "0"))
    except ValueError as error:
        return json_response({"detail": str(error)}, status=400)
    rows = Notification.objects.of(request.user).since(since)
    return json_response([row.as_item() for row in rows])


poll.is_background = True


def parse_since(text):
    """Return `text` as a timestamp; raise ValueError, with the reason, if it is none."""
    if not NUMBER.fullmatch(text):
        raise ValueError(_("since must be a number of seconds, 0 or more."))
    since = float(text)
    if math.isinf(since):
        raise ValueError(_("since is too large a number."))
    return since


def json_response(data, status=200):
    headers = {"Cache-Control": "private, no-store"}
    return JsonResponse(data, safe=False, status=status, headers=headers)

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from feeds import conf
from feeds.stream.tokens import read_token


@require_safe
def token(request, group, feed_id):
    """Renew the token of a page: `{"token", "expires"}`, for readers of that page."""
    if conf.may_read(request.user, group, feed_id):
        renewed = read_token(group, feed_id)
        response = JsonResponse({"token": renewed.value, "expires": renewed.expires})
    else:
        response = JsonResponse({"detail": _("There is no such feed.")}, status=404)
    response["Cache-Control"] = "private, no-store"
    return response


token.is_background = True

"""The notifications page, and the forms that mark notifications as seen or read."""

import logging
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import is_viewed
from feeds.timeline import marks
from feeds.timeline.readers import read_page

logger = logging.getLogger(__name__)


@login_required
@require_safe
def notifications(request):
    """Show the user's notifications and mark them as seen.

    On hosted Stream the page loads them with a script, which also posts to `mark_seen`.
    """
    options = {"mark_seen": "true"} if is_viewed(request) else {}
    feed = read_page(
        request,
        "notification",
        str(request.user.pk),
        page_size=settings.FEED_GROUPS_PAGE_SIZE,
        **options,
    )
    return render(request, "notifications.html", {"feed": feed})


def post_login_required(view):
    """Redirect anonymous users to sign in and then to the page; these URLs only accept POST."""

    @wraps(view)
    def wrapper(request):
        if request.user.is_authenticated:
            return view(request)
        return redirect_to_login(reverse("notifications"))

    return wrapper


@require_POST
@post_login_required
def mark_seen(request):
    return perform_mark(request, marks.mark_all_seen)


@require_POST
@post_login_required
def mark_all_read(request):
    return perform_mark(request, marks.mark_all_read)


@require_POST
@post_login_required
def mark_read(request):
    """Mark the group in the form as read."""
    return perform_mark(request, marks.mark_read, request.POST.get("group", ""))


def perform_mark(request, mark, *arguments):
    """Send a mark to Stream; return an empty response to a script, a redirect to a form."""
    try:
        mark(str(request.user.pk), *arguments)
    except Http404:
        raise
    except Exception:  # Stream's client may raise anything, and the page must not fail
        logger.warning("not marked", exc_info=True)
        is_marked = False
    else:
        is_marked = True
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return HttpResponse(status=204 if is_marked else 503)
    if not is_marked:
        messages.error(request, _("This could not be marked just now. Try again in a moment."))
    return redirect("notifications")

"""The notifications page, and marking what is on it."""

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
from feeds import marks
from feeds.readers import read_page

logger = logging.getLogger(__name__)


@login_required
@require_safe
def notifications(request):
    """Show who followed and what is new; showing it marks all of it seen.

    Where feeds are hosted the page waits for nothing, and its script asks for the marking.
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


def signed_in_or_back(view):
    """Send who must sign in first to the page itself: the addresses here are only posted to."""

    @wraps(view)
    def guarded(request):
        if request.user.is_authenticated:
            return view(request)
        return redirect_to_login(reverse("notifications"))

    return guarded


@require_POST
@signed_in_or_back
def mark_seen(request):
    return marked(request, marks.mark_all_seen)


@require_POST
@signed_in_or_back
def mark_all_read(request):
    return marked(request, marks.mark_all_read)


@require_POST
@signed_in_or_back
def mark_read(request):
    """Mark the group that the form names as read."""
    return marked(request, marks.mark_read, request.POST.get("group", ""))


def marked(request, mark, *arguments):
    """Let Stream mark, and answer a script with nothing, a form with the page it came from."""
    try:
        mark(str(request.user.pk), *arguments)
    except Http404:
        raise
    except Exception:  # Stream out of reach raises anything, and no page fails for it
        logger.warning("not marked", exc_info=True)
        is_marked = False
    else:
        is_marked = True
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return HttpResponse(status=204 if is_marked else 503)
    if not is_marked:
        messages.error(request, _("This could not be marked just now. Try again in a moment."))
    return redirect("notifications")

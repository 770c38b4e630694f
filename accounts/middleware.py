from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

LAST_SEEN_INTERVAL = timedelta(minutes=5)
# A page view after a pause of this length begins a new visit.
VISIT_TIMEOUT = timedelta(minutes=30)


class LastSeenMiddleware:
    """Store when a signed-in person last viewed a page, at most every five minutes.

    Views with `is_background = True`, a function's or a class's attribute, do not count.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        # `request.user` comes last, because it loads the person: polling must cost no query here.
        if not is_background(view) and is_viewed(request) and request.user.is_authenticated:
            update_last_seen(request.user)


def is_background(view):
    view_class = getattr(view, "view_class", None)
    return getattr(view, "is_background", False) or getattr(view_class, "is_background", False)


def is_viewed(request):
    """Return whether a person sees the response; browsers prefetch pages without showing them."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method != "HEAD" and "prefetch" not in purpose.lower()


def update_last_seen(person):
    now = timezone.now()
    if person.last_seen and person.last_seen > now - LAST_SEEN_INTERVAL:
        return
    if person.last_seen and person.last_seen < now - VISIT_TIMEOUT:
        person.previous_visit_at = person.last_seen
    person.last_seen = now
    seen = {"last_seen": now, "previous_visit_at": person.previous_visit_at}
    get_user_model().objects.filter(pk=person.pk).update(**seen)

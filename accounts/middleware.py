from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

SEEN_EVERY = timedelta(minutes=5)
# Who opens nothing for so long has left; what they open next begins another visit.
VISIT_ENDS_AFTER = timedelta(minutes=30)


class LastSeenMiddleware:
    """Note when a signed-in person last opened something, at most every five minutes.

    A view that is no sign of life says `is_background = True`, as a function or as a class.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        # What needs no query is asked first: polling must not even load the person here.
        if not is_background(view) and shows_life(request) and request.user.is_authenticated:
            note_seen(request.user)


def is_background(view):
    view_class = getattr(view, "view_class", None)
    return getattr(view, "is_background", False) or getattr(view_class, "is_background", False)


def shows_life(request):
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method != "HEAD" and "prefetch" not in purpose.lower()


def note_seen(person):
    now = timezone.now()
    if person.last_seen and person.last_seen > now - SEEN_EVERY:
        return
    if person.last_seen and person.last_seen < now - VISIT_ENDS_AFTER:
        person.previous_visit_at = person.last_seen
    person.last_seen = now
    seen = {"last_seen": now, "previous_visit_at": person.previous_visit_at}
    get_user_model().objects.filter(pk=person.pk).update(**seen)

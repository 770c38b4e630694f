"""What `/` is: one's timeline, or what a visitor is told; and two texts."""

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from collections_app.models import Collection, Content
from feeds.readers import read_page
from follows.states import States
from follows.suggestions import suggestions

SHOWN_TO_VISITORS = 3


@require_safe
def home(request):
    return timeline(request) if request.user.is_authenticated else landing(request)


def landing(request):
    """What this place is, in one sentence and three collections that somebody lately added to."""
    links = Content.objects.not_hidden().filter(collection=OuterRef("pk"))
    live = Collection.objects.visible().filter(Exists(links)).recently_updated().for_cards()
    return render(request, "landing.html", {"collections": live[:SHOWN_TO_VISITORS]})


def timeline(request):
    """What those one follows did, in groups; beside its first page whom else one might follow."""
    user = request.user
    feed = read_page(
        request,
        "timeline",
        str(user.pk),
        page_size=settings.FEED_GROUPS_PAGE_SIZE,
        since=user.previous_visit_at,
    )
    is_newest = "before" not in request.GET
    context = {"feed": feed, "poll": settings.FEED_POLL_SECONDS if is_newest else 0}
    if user.has_perm("follows.add_follow") and is_newest:
        context |= {"suggestions": suggestions(user), "states": States(user, offered=True)}
    return render(request, "home.html", context)


@require_safe
def about(request):
    return render(request, "about.html")


@require_safe
def robots(request):
    closed = ("accounts", "admin", "api", "search")
    lines = ["User-agent: *", *(f"Disallow: /{path}/" for path in closed), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain")

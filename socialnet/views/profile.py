"""The two pages of a profile: collections and activity."""

from django.db.models import Count, Q
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import visible_person
from collections_app.models import Collection
from feeds.timeline.readers import read_page
from socialnet.pagination import paginate


@require_safe
def profile(request, username):
    """Show a person and numbered pages of their collections."""
    person = visible_person(request.user, username)
    collections = Collection.objects.filter(author=person).newest_first().for_cards()
    if not may_see_hidden(request.user, person):
        collections = collections.visible()
    context = {"page_obj": paginate(request, collections), **profile_context(request, person)}
    return render(request, "profile/collections.html", context)


@require_safe
def profile_activity(request, username):
    """Show a person and their Stream feed."""
    person = visible_person(request.user, username)
    context = {
        "feed": read_page(request, "user", str(person.pk)),
        **profile_context(request, person),
    }
    return render(request, "profile/activity.html", context)


def may_see_hidden(user, person):
    return user == person or user.has_perm("collections_app.moderate_collection")


def profile_context(request, person):
    """Return the person and the numbers of their public collections and links, in one query."""
    links = Count("contents", filter=Q(contents__hidden_at=None))
    counts = (
        Collection.objects.visible()
        .filter(author=person)
        .aggregate(collection_count=Count("pk", distinct=True), link_count=links)
    )
    return {"person": person, **counts}

"""The pages that combine apps."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from collections_app.models import Collection, Content
from feeds.readers import read_page
from socialnet.pagination import paginate


@require_safe
def home(request):
    """The newest collections; a visitor is first told what this place is."""
    newest = Collection.objects.visible().newest_first().for_cards()[: settings.RESULTS_PER_PAGE]
    return render(request, "home.html", {"collections": newest})


@require_safe
def about(request):
    return render(request, "about.html")


@require_safe
def robots(request):
    lines = ["User-agent: *", "Disallow: /accounts/", "Disallow: /admin/", "Disallow: /api/"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain")


@require_safe
def profile(request, username):
    """A person and their collections, numbered."""
    person = visible_person(request.user, username)
    collections = Collection.objects.filter(author=person).newest_first().for_cards()
    if not sees_hidden(request.user, person):
        collections = collections.visible()
    context = {"page_obj": paginate(request, collections), **profile_context(request, person)}
    return render(request, "profile/collections.html", context)


@require_safe
def profile_activity(request, username):
    """A person and their Stream feed."""
    person = visible_person(request.user, username)
    context = {
        "feed": read_page(request, "user", str(person.pk)),
        **profile_context(request, person),
    }
    return render(request, "profile/activity.html", context)


def visible_person(user, username):
    """Return whom `user` may see under `username`; Http404 otherwise."""
    person = get_object_or_404(get_user_model().objects.named(username))
    if person.is_visible or person == user or user.has_perm("accounts.suspend_user"):
        return person
    raise Http404


def sees_hidden(user, person):
    return user == person or user.has_perm("collections_app.moderate_collection")


def profile_context(request, person):
    return {
        "person": person,
        "collection_count": Collection.objects.visible().filter(author=person).count(),
        "link_count": Content.objects.visible().filter(collection__author=person).count(),
    }

"""Collections that already have a link, for the form that adds it."""

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.managers import may_find
from collections_app.links import url_key
from collections_app.models import Content
from follows.models import CollectionFollow, Follow

MAX_RESULTS = 5


@login_required
@require_safe
def where(request):
    """Return the collections that have the link `?url=`: `{"mine": [...], "followed": [...]}`.

    `mine` are the user's own, with the address of the link there. `followed` are those that the
    user follows, or whose author the user follows, with the address of the form that saves the link
    from there. At most five of each.
    """
    user, key = request.user, url_key(request.GET.get("url", "")[:4096])
    links = Content.objects.filter(url_key=key).select_related("collection__author")
    mine = links.filter(collection__author=user).newest_first()[:MAX_RESULTS]
    collections = CollectionFollow.objects.filter(follower=user).values("collection")
    people = Follow.objects.filter(follower=user).values("followed")
    followed = Q(collection__in=collections) | Q(collection__author__in=people)
    others = links.visible().filter(followed, may_find(user, "collection__author"))
    others = others.exclude(collection__author=user).newest_first()[:MAX_RESULTS]
    save = f"{reverse('collections:add_link')}?from="
    return JsonResponse(
        {
            "mine": [_as_json(link, link.get_absolute_url()) for link in mine],
            "followed": [_as_json(link, f"{save}{link.pk}") for link in others],
        }
    )


where.is_background = True


def _as_json(link, address):
    return {"name": link.collection.name, "author": link.author.display_name, "address": address}

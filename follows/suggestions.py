"""Whom one might want to follow."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Block, User
from collections_app.models import Collection, Content
from follows.models import Follow

MOST = 6
LATELY = timedelta(days=30)
# Of those whom one follows the ones followed last are asked: enough to suggest by, and bounded.
ASKED = 50


@dataclass(frozen=True)
class Suggestion:
    person: User
    reason: str


def suggestions(user):
    """Return up to six Suggestions for `user`, in two queries at most.

    First who is followed by most of those that `user` follows, then the most followed of those
    who added links lately.
    """
    near = [Suggestion(person, _mutual(person)) for person in _followed_by_followed(user)[:MOST]]
    if len(near) == MOST:
        return near
    others = _eligible(user).exclude(pk__in=[row.person.pk for row in near])
    collections = Collection.objects.filter(
        author=OuterRef("pk"), hidden_at=None, last_added_at__gte=timezone.now() - LATELY
    )
    active = others.filter(Exists(_with_links(collections))).order_by("-follower_count", "-id")
    return near + [Suggestion(person, _activity(person)) for person in active[: MOST - len(near)]]


def _followed_by_followed(user):
    mine = Follow.objects.by_hand().filter(follower=user).newest_first()
    # PostgreSQL and SQLite take a LIMIT inside IN.
    asked = mine.values("followed")[:ASKED]
    collections = Collection.objects.filter(author=OuterRef("pk"), hidden_at=None)
    by_them = Q(followed_by__follower__in=asked, followed_by__is_self=False)
    people = _eligible(user).filter(Exists(_with_links(collections)))
    return (
        people.filter(by_them)
        .annotate(
            mutual_count=Count("followed_by__follower"),
            mutual_name=Min("followed_by__follower__username"),
        )
        .order_by("-mutual_count", "-follower_count", "-id")
    )


def _eligible(user):
    """People whom `user` could follow: visible, not themselves, not followed, no block between."""
    followed = Follow.objects.filter(follower=user, followed=OuterRef("pk"))
    blocks = Block.objects.filter(
        Q(blocker=user, blocked=OuterRef("pk")) | Q(blocked=user, blocker=OuterRef("pk"))
    )
    people = get_user_model().objects.visible().exclude(pk=user.pk)
    return people.filter(~Exists(followed), ~Exists(blocks))


def _with_links(collections):
    links = Content.objects.not_hidden().filter(collection=OuterRef("pk"))
    return collections.filter(Exists(links))


def _mutual(person):
    others = person.mutual_count - 1
    if not others:
        return _("Followed by %(name)s") % {"name": person.mutual_name}
    text = ngettext(
        "Followed by %(name)s and %(count)d more you follow",
        "Followed by %(name)s and %(count)d more you follow",
        others,
    )
    return text % {"name": person.mutual_name, "count": others}


def _activity(person):
    if not person.follower_count:
        return _("Added links lately")
    text = ngettext(
        "%(count)d follower, added links lately",
        "%(count)d followers, added links lately",
        person.follower_count,
    )
    return text % {"count": person.follower_count}

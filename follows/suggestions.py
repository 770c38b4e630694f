"""Whom one might want to follow."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.managers import may_find
from accounts.models import User
from collections_app.models import Content
from follows.models import Follow

MOST = 6
LATELY = timedelta(days=30)
# Of those whom one follows the ones followed last are asked: enough to suggest by, and bounded.
ASKED = 50
# Finding suggestions costs more than the rest of the home page's queries together.
KEPT_SECONDS = 600


@dataclass(frozen=True)
class Suggestion:
    """Somebody to follow; `friend` follows them, as do `others` of those whom one follows."""

    person: User
    friend: str = ""
    others: int = 0

    @property
    def reason(self):
        if self.friend and self.others:
            text = ngettext(
                "Followed by %(name)s and %(count)d more you follow",
                "Followed by %(name)s and %(count)d more you follow",
                self.others,
            )
            return text % {"name": self.friend, "count": self.others}
        if self.friend:
            return _("Followed by %(name)s") % {"name": self.friend}
        followers = self.person.follower_count
        if not followers:
            return _("Added links lately")
        text = ngettext(
            "%(count)d follower, added links lately",
            "%(count)d followers, added links lately",
            followers,
        )
        return text % {"count": followers}


def suggestions(user):
    """Return up to six Suggestions for `user`, in two queries at most.

    They are found anew when `user` follows, unfollows or has a block with somebody (`forget`), and
    every ten minutes; in between two light queries leave out who can no longer be seen.
    """
    kept = cache.get(_key(user.pk))
    if kept is None:
        found = _find(user)
        kept = [(row.person.pk, row.friend, row.others) for row in found]
        cache.set(_key(user.pk), kept, KEPT_SECONDS)
        return found
    visible = get_user_model().objects.visible()
    people = visible.filter(may_find(user)).in_bulk([pk for pk, _friend, _others in kept])
    friends = {friend for _pk, friend, _others in kept if friend}
    names = set(visible.filter(username__in=friends).values_list("username", flat=True))
    return [
        Suggestion(people[pk], friend if friend in names else "", others)
        for pk, friend, others in kept
        if pk in people
    ]


def forget(*keys):
    """Let the suggestions of the people with these primary keys be found anew."""
    cache.delete_many([_key(pk) for pk in keys])


def _key(pk):
    return f"follows.suggestions.{pk}"


def _find(user):
    """First who is followed by most of those that `user` follows, then the most followed of those
    who added links lately.
    """
    near = [
        Suggestion(person, person.friend, person.friend_count - 1)
        for person in _followed_by_followed(user)[:MOST]
    ]
    if len(near) == MOST:
        return near
    others = _eligible(user).exclude(pk__in=[row.person.pk for row in near])
    lately = timezone.now() - LATELY
    active = others.filter(Exists(_links(collection__last_added_at__gte=lately)))
    found = active.order_by("-follower_count", "-id")[: MOST - len(near)]
    return near + [Suggestion(person) for person in found]


def _followed_by_followed(user):
    mine = Follow.objects.of_visible_people().filter(follower=user).newest_first()
    # PostgreSQL and SQLite take a LIMIT inside IN.
    asked = mine.values("followed")[:ASKED]
    by_them = Q(followed_by__follower__in=asked, followed_by__is_self=False)
    return (
        _eligible(user)
        .filter(Exists(_links()))
        .filter(by_them)
        .annotate(
            friend_count=Count("followed_by__follower"),
            friend=Min("followed_by__follower__username"),
        )
        .order_by("-friend_count", "-follower_count", "-id")
    )


def _eligible(user):
    """People whom `user` could follow: visible, not themselves, not followed, no block between."""
    followed = Follow.objects.filter(follower=user, followed=OuterRef("pk"))
    people = get_user_model().objects.visible().exclude(pk=user.pk)
    return people.filter(~Exists(followed), may_find(user))


def _links(**conditions):
    """Links of the person of the outer query that everyone may see."""
    links = Content.objects.not_hidden().filter(collection__author=OuterRef("pk"))
    return links.filter(collection__hidden_at=None, **conditions)

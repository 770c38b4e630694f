"""Suggestions of people to follow."""

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

MAX_SUGGESTIONS = 6
RECENT_PERIOD = timedelta(days=30)
# Only the latest follows of a person are considered, to bound the query.
MAX_FOLLOWED = 50
# The queries cost more than all others of the home page together.
CACHE_SECONDS = 600


@dataclass(frozen=True)
class Suggestion:
    """A person to follow, whom `friend` and `others` more of the people one follows follow."""

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

    They are cached for ten minutes, or until `user` follows, unfollows, blocks or is blocked
    (`clear_suggestions`). Two light queries remove people who are no longer visible.
    """
    cached = cache.get(_key(user.pk))
    if cached is None:
        suggested = _query_suggestions(user)
        cached = [(row.person.pk, row.friend, row.others) for row in suggested]
        cache.set(_key(user.pk), cached, CACHE_SECONDS)
        return suggested
    visible = get_user_model().objects.visible()
    people = visible.filter(may_find(user)).in_bulk([pk for pk, _friend, _others in cached])
    friends = {friend for _pk, friend, _others in cached if friend}
    names = set(visible.filter(username__in=friends).values_list("username", flat=True))
    return [
        Suggestion(people[pk], friend if friend in names else "", others)
        for pk, friend, others in cached
        if pk in people
    ]


def clear_suggestions(*keys):
    """Remove the cached suggestions of the people with these primary keys."""
    cache.delete_many([_key(pk) for pk in keys])


def _key(pk):
    return f"follows.suggestions.{pk}"


def _query_suggestions(user):
    """Return people followed by most of those that `user` follows, then popular active people."""
    near = [
        Suggestion(person, person.friend, person.friend_count - 1)
        for person in _followed_by_followed(user)[:MAX_SUGGESTIONS]
    ]
    if len(near) == MAX_SUGGESTIONS:
        return near
    others = _eligible(user).exclude(pk__in=[row.person.pk for row in near])
    since = timezone.now() - RECENT_PERIOD
    active = others.filter(Exists(_links(collection__last_added_at__gte=since)))
    popular = active.order_by("-follower_count", "-id")[: MAX_SUGGESTIONS - len(near)]
    return near + [Suggestion(person) for person in popular]


def _followed_by_followed(user):
    mine = Follow.objects.of_visible_people().filter(follower=user).newest_first()
    # PostgreSQL and SQLite take a LIMIT inside IN.
    latest = mine.values("followed")[:MAX_FOLLOWED]
    followed_by_latest = Q(followed_by__follower__in=latest, followed_by__is_self=False)
    return (
        _eligible(user)
        .filter(Exists(_links()))
        .filter(followed_by_latest)
        .annotate(
            friend_count=Count("followed_by__follower"),
            friend=Min("followed_by__follower__username"),
        )
        .order_by("-friend_count", "-follower_count", "-id")
    )


def _eligible(user):
    """Return visible people whom `user` does not follow, without blocks between them."""
    followed = Follow.objects.filter(follower=user, followed=OuterRef("pk"))
    people = get_user_model().objects.visible().exclude(pk=user.pk)
    return people.filter(~Exists(followed), may_find(user))


def _links(**conditions):
    """Return the public links of the outer query's person."""
    links = Content.objects.not_hidden().filter(collection__author=OuterRef("pk"))
    return links.filter(collection__hidden_at=None, **conditions)

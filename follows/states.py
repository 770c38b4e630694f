"""Who follows whom or what among the rows of a list, asked once for all of them."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Block
from follows.models import CollectionFollow, Follow


@dataclass(frozen=True)
class States:
    """What a list knows: ids that its reader follows, and of people who follow its reader.

    `offered`: whether the reader may follow at all; `barred`: people they have a block with.
    """

    user: object
    offered: bool = False
    following: frozenset = frozenset()
    followers: frozenset = frozenset()
    barred: frozenset = frozenset()

    def offers(self, person):
        """Whether there is a button for `person`, or for what `person` made."""
        return self.offered and person != self.user and person.pk not in self.barred


def of_people(user, people):
    """Return the States of `people` for `user`: two queries."""
    if not user.is_authenticated:
        return States(user)
    ids = [person.pk for person in people]
    mine, theirs = Q(follower=user, followed__in=ids), Q(followed=user, follower__in=ids)
    pairs = Follow.objects.by_hand().filter(mine | theirs).values_list("follower_id", "followed_id")
    return States(
        user,
        offered=user.has_perm("follows.add_follow"),
        following=frozenset(followed for follower, followed in pairs if follower == user.pk),
        followers=frozenset(follower for follower, followed in pairs if followed == user.pk),
        barred=barred(user),
    )


def of_collections(user, collections):
    """Return the States of `collections` for `user`: two queries."""
    if not user.is_authenticated or not user.has_perm("follows.add_collectionfollow"):
        return States(user)
    rows = CollectionFollow.objects.by_hand().filter(follower=user, collection__in=collections)
    following = frozenset(rows.values_list("collection_id", flat=True))
    return States(user, offered=True, following=following, barred=barred(user))


def barred(user):
    """Return the ids of people with a block between them and `user`, asked once a request."""
    if not hasattr(user, "barred_ids"):
        user.barred_ids = frozenset(Block.objects.people_of(user))
    return user.barred_ids

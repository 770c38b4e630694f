"""Follow states of all rows of a list, read in two queries."""

from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Block
from follows.models import CollectionFollow, Follow


@dataclass(frozen=True)
class FollowStates:
    """Ids of the rows that `user` follows, and of the people who follow `user`.

    `can_follow` is a matter of permissions; `blocked_ids` are people with a block between them and
    `user`.
    """

    user: object
    can_follow: bool = False
    following: frozenset = frozenset()
    followers: frozenset = frozenset()
    blocked_ids: frozenset = frozenset()

    def shows_button(self, person):
        """Return whether `user` gets a button for `person` or for a collection of theirs."""
        return self.can_follow and person != self.user and person.pk not in self.blocked_ids


def of_people(user, people):
    """Return the FollowStates of `people` for `user`, in two queries."""
    if not user.is_authenticated:
        return FollowStates(user)
    ids = [person.pk for person in people]
    mine, theirs = Q(follower=user, followed__in=ids), Q(followed=user, follower__in=ids)
    pairs = (
        Follow.objects.explicit().filter(mine | theirs).values_list("follower_id", "followed_id")
    )
    return FollowStates(
        user,
        can_follow=user.has_perm("follows.add_follow"),
        following=frozenset(followed for follower, followed in pairs if follower == user.pk),
        followers=frozenset(follower for follower, followed in pairs if followed == user.pk),
        blocked_ids=blocked_ids(user),
    )


def of_collections(user, collections):
    """Return the FollowStates of `collections` for `user`, in two queries."""
    if not user.is_authenticated or not user.has_perm("follows.add_collectionfollow"):
        return FollowStates(user)
    rows = CollectionFollow.objects.explicit().filter(follower=user, collection__in=collections)
    following = frozenset(rows.values_list("collection_id", flat=True))
    return FollowStates(user, can_follow=True, following=following, blocked_ids=blocked_ids(user))


def blocked_ids(user):
    """Return the ids of people with a block between them and `user`, cached on `user`."""
    if not hasattr(user, "blocked_ids"):
        user.blocked_ids = frozenset(Block.objects.counterpart_ids(user))
    return user.blocked_ids

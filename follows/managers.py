"""Following and unfollowing: the verbs that other code uses, and what lists ask for.

Whoever changes what stands between two people locks both first (`accounts.services.lock_people`),
then the collection: following twice leaves one row and a block none, however many do it at once.
"""

from collections import Counter

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.managers import is_visible
from accounts.services import check_may_contact, lock_people
from collections_app.models import Collection
from transactions import atomically, lock_rows


class AbstractFollowQuerySet(models.QuerySet):
    def by_hand(self):
        """Without the self-follows that everyone has."""
        return self.filter(is_self=False)

    def by_visible_people(self):
        return self.by_hand().filter(is_visible("follower__"))

    def newest_first(self):
        return self.order_by("-id")


class AbstractFollowManager(models.Manager):
    """The verbs; `target` is the field that a follow points to, `owned_by` leads to its owner.

    What is followed is its own owner, a person, unless a manager says otherwise.
    """

    target = ""
    owned_by = ""

    def owner_of(self, thing):
        return thing

    def lock(self, things):
        """Lock what is followed, after its owners; return the rows that are there, by key.

        Owners themselves are locked already.
        """
        return {thing.pk: thing for thing in things}

    def is_following(self, follower, thing):
        """Whether `follower` follows `thing` by hand; nobody does who has no row."""
        if not getattr(follower, "pk", None) or not getattr(thing, "pk", None):
            return False
        return self.by_hand().filter(follower=follower.pk, **{self.target: thing}).exists()

    def is_followed_by(self, thing, follower):
        return self.is_following(follower, thing)

    @atomically
    def follow(self, follower, thing, *, created_at=None):
        """Let `follower` follow `thing`; return whether that is new.

        Raises PermissionDenied where either has blocked the other, the owner is suspended or the
        follower has not confirmed their address; DoesNotExist for who or what is gone.
        """
        owner = self.owner_of(thing)
        people = lock_people(follower, owner)
        if not {follower.pk, owner.pk} <= people.keys():
            raise type(owner).DoesNotExist(f"{follower} or {owner} is gone.")
        if thing.pk not in self.lock([thing]):
            raise type(thing).DoesNotExist(f"{thing} is gone.")
        if follower != owner:
            if not people[follower.pk].is_confirmed:
                raise PermissionDenied(_("Confirm your e-mail address first."))
            check_may_contact(by=follower, person=people[owner.pk])
        _row, created = self.get_or_create(
            follower=follower,
            **{self.target: thing},
            defaults={"created_at": created_at or timezone.now()},
        )
        if created and follower != owner and people[follower.pk].is_counted:
            change_counts(type(thing), {thing.pk: +1})
        return created

    @atomically
    def unfollow(self, follower, thing):
        """End it; return whether there was anything to end. A self-follow stays."""
        return bool(self.end(self.filter(follower=follower.pk, **{self.target: thing})))

    @atomically
    def end(self, rows):
        """End the follows `rows` (a queryset), self-follows apart; return the keys of the ended."""
        rows = rows.by_hand().select_related("follower", f"{self.target}{self.owned_by}")
        found = list(rows)
        followed = [getattr(row, self.target) for row in found]
        people = lock_people(*(row.follower for row in found), *map(self.owner_of, followed))
        self.lock(followed)
        still_there = lock_rows(rows.filter(pk__in=[row.pk for row in found]), of=["self"])
        ended, lost = [], Counter()
        for row in still_there.values():
            ended.append(row.pk)
            lost[getattr(row, f"{self.target}_id")] -= people[row.follower_id].is_counted
            row.delete()
        if ended:
            change_counts(type(followed[0]), lost)
        return ended


class FollowQuerySet(AbstractFollowQuerySet):
    def of_visible_people(self):
        return self.by_hand().filter(is_visible("followed__"))


class CollectionFollowQuerySet(AbstractFollowQuerySet):
    def of_visible_collections(self):
        return self.by_hand().filter(is_visible("collection__author__"), collection__hidden_at=None)


class FollowManager(AbstractFollowManager.from_queryset(FollowQuerySet)):
    target = "followed"


class CollectionFollowManager(AbstractFollowManager.from_queryset(CollectionFollowQuerySet)):
    target = "collection"
    owned_by = "__author"

    def owner_of(self, collection):
        return collection.author

    def lock(self, collections):
        keys = [collection.pk for collection in collections]
        return lock_rows(Collection.objects.filter(pk__in=keys), no_key=True)


def change_counts(model, differences):
    """Add to the `follower_count` of rows of `model`, by key; never below 0."""
    by_difference = {}
    for pk, difference in differences.items():
        by_difference.setdefault(difference, []).append(pk)
    for difference, keys in by_difference.items():
        model.objects.filter(pk__in=keys).update(follower_count=changed_by(difference))


def changed_by(difference):
    """Return what `follower_count` becomes."""
    return Greatest(F("follower_count") + difference, 0)

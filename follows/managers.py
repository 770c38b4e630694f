"""Following and unfollowing, and queries for lists of follows.

Both people are locked, then the collection (`transactions` states the order), so that following
twice leaves one row and a block none, also in concurrent requests.
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
    def explicit(self):
        """Exclude the self-follows that everyone has."""
        return self.filter(is_self=False)

    def by_visible_people(self):
        return self.explicit().filter(is_visible("follower__"))

    def newest_first(self):
        return self.order_by("-id")


class AbstractFollowManager(models.Manager):
    """Follows of one type of target.

    `target_field` is the name of the foreign key to the target, `owner_lookup` leads from there to
    the owner. By default the target is a person, who is their own owner.
    """

    target_field = ""
    owner_lookup = ""

    def owner_of(self, target):
        return target

    def lock_targets(self, targets):
        """Lock `targets`, whose owners are locked already; return the existing rows by key."""
        return {target.pk: target for target in targets}

    def is_following(self, follower, target):
        """Return whether `follower` follows `target`, apart from self-follows."""
        if not getattr(follower, "pk", None) or not getattr(target, "pk", None):
            return False
        return self.explicit().filter(follower=follower.pk, **{self.target_field: target}).exists()

    def is_followed_by(self, target, follower):
        return self.is_following(follower, target)

    @atomically
    def follow(self, follower, target, *, created_at=None):
        """Make `follower` follow `target`; return whether the follow is new.

        Raises PermissionDenied if either has blocked the other, the owner is suspended or the
        follower has not confirmed their address; DoesNotExist if a row is gone.
        """
        owner = self.owner_of(target)
        people = lock_people(follower, owner)
        if not {follower.pk, owner.pk} <= people.keys():
            raise type(owner).DoesNotExist(f"{follower} or {owner} is gone.")
        if target.pk not in self.lock_targets([target]):
            raise type(target).DoesNotExist(f"{target} is gone.")
        if follower != owner:
            if not people[follower.pk].is_confirmed:
                raise PermissionDenied(_("Confirm your e-mail address first."))
            check_may_contact(by=follower, person=people[owner.pk])
        _row, created = self.get_or_create(
            follower=follower,
            **{self.target_field: target},
            defaults={"created_at": created_at or timezone.now()},
        )
        if created and follower != owner and people[follower.pk].is_counted:
            adjust_follower_counts(type(target), {target.pk: +1})
        return created

    @atomically
    def unfollow(self, follower, target):
        """Remove a follow, but no self-follow; return whether there was one."""
        return bool(self.remove(self.filter(follower=follower.pk, **{self.target_field: target})))

    @atomically
    def remove(self, rows):
        """Remove the follows `rows` (a queryset), but no self-follows; return their keys."""
        rows = rows.explicit().select_related("follower", f"{self.target_field}{self.owner_lookup}")
        follows = list(rows)
        targets = [getattr(follow, self.target_field) for follow in follows]
        people = lock_people(*(follow.follower for follow in follows), *map(self.owner_of, targets))
        self.lock_targets(targets)
        existing = lock_rows(rows.filter(pk__in=[follow.pk for follow in follows]), of=["self"])
        removed, differences = [], Counter()
        for follow in existing.values():
            target_id = getattr(follow, f"{self.target_field}_id")
            removed.append(follow.pk)
            differences[target_id] -= people[follow.follower_id].is_counted
            follow.delete()
        if removed:
            adjust_follower_counts(type(targets[0]), differences)
        return removed


class FollowQuerySet(AbstractFollowQuerySet):
    def of_visible_people(self):
        return self.explicit().filter(is_visible("followed__"))


class CollectionFollowQuerySet(AbstractFollowQuerySet):
    def of_visible_collections(self):
        return self.explicit().filter(
            is_visible("collection__author__"), collection__hidden_at=None
        )


class FollowManager(AbstractFollowManager.from_queryset(FollowQuerySet)):
    target_field = "followed"


class CollectionFollowManager(AbstractFollowManager.from_queryset(CollectionFollowQuerySet)):
    target_field = "collection"
    owner_lookup = "__author"

    def owner_of(self, collection):
        return collection.author

    def lock_targets(self, collections):
        keys = [collection.pk for collection in collections]
        return lock_rows(Collection.objects.filter(pk__in=keys), no_key=True)


def adjust_follower_counts(model, differences):
    """Add `differences`, by primary key, to the `follower_count` of rows of `model`."""
    by_difference = {}
    for pk, difference in differences.items():
        by_difference.setdefault(difference, []).append(pk)
    for difference, keys in by_difference.items():
        model.objects.filter(pk__in=keys).update(follower_count=adjusted(difference))


def adjusted(difference):
    """Return an expression: `follower_count` plus `difference`, never below 0."""
    return Greatest(F("follower_count") + difference, 0)

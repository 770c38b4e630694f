"""Following and unfollowing: the verbs that other code uses, and what lists ask for.

Whoever changes what stands between two people locks both first (`accounts.services.lock_people`):
following twice leaves one row, a block leaves none, however many do it at once.
"""

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from accounts.managers import is_visible
from accounts.services import check_may_contact, lock_people
from collections_app.models import Collection


class AbstractFollowQuerySet(models.QuerySet):
    def by_hand(self):
        """Without the self-follows that everyone has."""
        return self.filter(is_self=False)

    def by_visible_people(self):
        return self.by_hand().filter(is_visible("follower__"))

    def newest_first(self):
        return self.order_by("-id")


class FollowQuerySet(AbstractFollowQuerySet):
    def of_visible_people(self):
        return self.by_hand().filter(is_visible("followed__"))


class CollectionFollowQuerySet(AbstractFollowQuerySet):
    def of_visible_collections(self):
        return self.by_hand().filter(is_visible("collection__author__"), collection__hidden_at=None)


class FollowManager(models.Manager.from_queryset(FollowQuerySet)):
    def is_following(self, follower, followed):
        """Whether `follower` follows `followed`; nobody follows themselves by hand."""
        return self.by_hand().filter(follower=follower, followed=followed).exists()

    def is_followed_by(self, followed, follower):
        return self.is_following(follower, followed)

    @transaction.atomic
    def follow(self, follower, followed, *, created_at=None):
        """Let `follower` follow `followed`; return whether that is new.

        Raises PermissionDenied where either has blocked the other, or `followed` is suspended;
        DoesNotExist for who is gone.
        """
        people = lock_people(follower, followed)
        _require(people, follower, followed)
        if follower != followed:
            check_may_contact(by=follower, person=people[followed.pk])
        defaults = _defaults(follower == followed, created_at)
        _row, created = self.get_or_create(follower=follower, followed=followed, defaults=defaults)
        if created and follower != followed and people[follower.pk].is_visible:
            _change_count(get_user_model(), followed.pk, +1)
        return created

    @transaction.atomic
    def unfollow(self, follower, followed):
        """End it; return whether there was anything to end. A self-follow stays."""
        people = lock_people(follower, followed)
        row = self.select_for_update().by_hand().filter(follower=follower, followed=followed)
        row = row.first()
        if row is None:
            return False
        row.delete()
        if people[follower.pk].is_visible:
            _change_count(get_user_model(), followed.pk, -1)
        return True


class CollectionFollowManager(models.Manager.from_queryset(CollectionFollowQuerySet)):
    def is_following(self, follower, collection):
        return self.by_hand().filter(follower=follower, collection=collection).exists()

    def is_followed_by(self, collection, follower):
        return self.is_following(follower, collection)

    @transaction.atomic
    def follow(self, follower, collection, *, created_at=None):
        """Let `follower` follow `collection`; return whether that is new. Raises as for people."""
        author = collection.author
        people = lock_people(follower, author)
        _require(people, follower, author)
        Collection.objects.select_for_update(no_key=True).get(pk=collection.pk)
        if follower != author:
            check_may_contact(by=follower, person=people[author.pk])
        defaults = _defaults(follower == author, created_at)
        _row, created = self.get_or_create(
            follower=follower, collection=collection, defaults=defaults
        )
        if created and follower != author and people[follower.pk].is_visible:
            _change_count(Collection, collection.pk, +1)
        return created

    @transaction.atomic
    def unfollow(self, follower, collection):
        people = lock_people(follower, collection.author)
        row = self.select_for_update().by_hand().filter(follower=follower, collection=collection)
        row = row.first()
        if row is None:
            return False
        row.delete()
        if people[follower.pk].is_visible:
            _change_count(Collection, collection.pk, -1)
        return True


def _defaults(is_self, created_at):
    return {"is_self": is_self, "created_at": created_at or timezone.now()}


def _require(found, *people):
    for person in people:
        if person.pk not in found:
            raise get_user_model().DoesNotExist(f"There is no person {person.pk}.")


def _change_count(model, pk, difference):
    model.objects.filter(pk=pk).update(follower_count=F("follower_count") + difference)

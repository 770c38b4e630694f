from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import services
from accounts.tests.factories import SuspendedUserFactory, UnconfirmedUserFactory, UserFactory
from collections_app.models import Collection
from collections_app.tests.factories import CollectionFactory
from follows.models import CollectionFollow, Follow

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("with_feeds")]


def followers(target):
    target.refresh_from_db()
    return target.follower_count


def test_who_follows_is_following(ana, ben):
    assert Follow.objects.follow(ben, ana) is True
    assert Follow.objects.is_following(ben, ana)
    assert Follow.objects.is_followed_by(ana, ben)
    assert not Follow.objects.is_following(ana, ben)
    assert followers(ana) == 1


def test_a_collection_is_followed_apart_from_its_author(ana, ben, collection):
    assert CollectionFollow.objects.follow(ben, collection) is True
    assert CollectionFollow.objects.is_following(ben, collection)
    assert CollectionFollow.objects.is_followed_by(collection, ben)
    assert not Follow.objects.is_following(ben, ana)
    assert (followers(collection), followers(ana)) == (1, 0)


def test_doing_it_twice_changes_nothing(ana, ben, collection):
    for objects, target in ((Follow.objects, ana), (CollectionFollow.objects, collection)):
        assert [objects.follow(ben, target) for _ in range(2)] == [True, False]
        assert followers(target) == 1
        assert [objects.unfollow(ben, target) for _ in range(2)] == [True, False]
        assert followers(target) == 0


def test_unfollowing_whom_one_never_followed_changes_nothing(ana, ben, collection):
    assert not Follow.objects.unfollow(ben, ana)
    assert not CollectionFollow.objects.unfollow(ben, collection)
    assert (followers(ana), followers(collection)) == (0, 0)


def test_self_follows_exist_from_start(ana, collection):
    assert Follow.objects.filter(follower=ana, followed=ana, is_self=True).exists()
    assert CollectionFollow.objects.filter(
        follower=ana, collection=collection, is_self=True
    ).exists()


def test_self_follows_are_hidden_and_permanent(ana, collection):
    for objects, target in ((Follow.objects, ana), (CollectionFollow.objects, collection)):
        assert not objects.is_following(ana, target)
        assert not objects.explicit().exists()
        assert objects.follow(ana, target) is False
        assert objects.unfollow(ana, target) is False
        assert objects.filter(follower=ana).count() == 1
        assert followers(target) == 0


def test_follow_with_earlier_time(ana, ben):
    moment = timezone.now() - timedelta(days=3)
    Follow.objects.follow(ben, ana, created_at=moment)
    assert Follow.objects.explicit().get().created_at == moment


@pytest.mark.parametrize("blocker_is_ana", [True, False])
def test_block_removes_and_prevents_follows(ana, ben, blocker_is_ana):
    hers, his = CollectionFactory(author=ana), CollectionFactory(author=ben)
    for one, other, target in ((ana, ben, his), (ben, ana, hers)):
        Follow.objects.follow(one, other)
        CollectionFollow.objects.follow(one, target)
    blocker, blocked = (ana, ben) if blocker_is_ana else (ben, ana)
    services.block(blocker=blocker, blocked=blocked)
    assert not Follow.objects.explicit().exists()
    assert not CollectionFollow.objects.explicit().exists()
    assert [followers(target) for target in (ana, ben, hers, his)] == [0, 0, 0, 0]
    for one, other, target in ((ana, ben, his), (ben, ana, hers)):
        with pytest.raises(PermissionDenied, match="cannot be contacted"):
            Follow.objects.follow(one, other)
        with pytest.raises(PermissionDenied, match="cannot be contacted"):
            CollectionFollow.objects.follow(one, target)


def test_unblock_restores_no_follows(ana, ben):
    Follow.objects.follow(ben, ana)
    services.block(blocker=ana, blocked=ben)
    services.unblock(blocker=ana, blocked=ben)
    assert not Follow.objects.is_following(ben, ana)
    assert Follow.objects.follow(ben, ana)


def test_nobody_follows_who_is_suspended(ben):
    person = SuspendedUserFactory()
    with pytest.raises(PermissionDenied, match="cannot be contacted"):
        Follow.objects.follow(ben, person)


def test_deleted_person_cannot_follow(ana, ben, collection):
    gone = UserFactory()
    services.delete_person(gone)
    for follower, followed in ((gone, ana), (ana, gone)):
        with pytest.raises(type(ana).DoesNotExist):
            Follow.objects.follow(follower, followed)
        assert Follow.objects.unfollow(follower, followed) is False
    Collection.objects.filter(pk=collection.pk).delete()
    with pytest.raises(Collection.DoesNotExist):
        CollectionFollow.objects.follow(ben, collection)


def test_nobody_follows_before_they_are_confirmed(ana, collection):
    unconfirmed = UnconfirmedUserFactory()
    for objects, target in ((Follow.objects, ana), (CollectionFollow.objects, collection)):
        with pytest.raises(PermissionDenied, match="Confirm"):
            objects.follow(unconfirmed, target)


@pytest.mark.parametrize("nobody", [None, AnonymousUser(), UserFactory.build()])
def test_nobody_without_a_row_follows_or_is_followed(ana, nobody):
    for objects in (Follow.objects, CollectionFollow.objects):
        assert not objects.is_following(nobody, ana)
        assert not objects.is_followed_by(nobody, ana)
        assert not objects.is_following(ana, nobody)


def test_expired_suspension_is_not_counted_twice(ana, ben, moderator):
    Follow.objects.follow(ben, ana)
    services.suspend(person=ben, by=moderator, reason="Advertisements.")
    over = timezone.now() - timedelta(minutes=1)
    type(ben).objects.filter(pk=ben.pk).update(suspended_until=over)
    Follow.objects.unfollow(ben, ana)
    assert followers(ana) == 0
    Follow.objects.follow(ben, ana)
    services.unsuspend_expired()
    assert followers(ana) == 1


def test_a_form_saves_no_count_back(ana, ben, collection):
    stale, stale_collection = type(ana).objects.get(pk=ana.pk), Collection.objects.get()
    Follow.objects.follow(ben, ana)
    CollectionFollow.objects.follow(ben, collection)
    stale.name = "Ana L."
    stale.save()
    stale_collection.description = "Letters."
    stale_collection.save()
    assert (followers(ana), followers(collection)) == (1, 1)
    assert (ana.name, collection.description) == ("Ana L.", "Letters.")


def test_many_are_ended_at_once(ana, ben, collection, django_assert_max_num_queries):
    people = UserFactory.create_batch(10)
    for person in people:
        CollectionFollow.objects.follow(person, collection)
    with django_assert_max_num_queries(8 + 3 * 10):
        ended = CollectionFollow.objects.remove(
            CollectionFollow.objects.filter(collection=collection)
        )
    assert len(ended) == 10
    assert followers(collection) == 0
    assert CollectionFollow.objects.get().follower == ana


def test_counts_go_down_and_up_with_a_suspension(ana, ben, collection, moderator):
    Follow.objects.follow(ben, ana)
    CollectionFollow.objects.follow(ben, collection)
    services.suspend(person=ben, by=moderator, reason="Advertisements.")
    assert (followers(ana), followers(collection)) == (0, 0)
    services.unsuspend(person=ben, by=moderator, reason="A mistake.")
    assert (followers(ana), followers(collection)) == (1, 1)


def test_counts_go_down_with_whoever_leaves(ana, ben, collection):
    Follow.objects.follow(ben, ana)
    CollectionFollow.objects.follow(ben, collection)
    services.delete_person(ben)
    assert (followers(ana), followers(collection)) == (0, 0)


def test_deleting_suspended_person_keeps_counts(ana, ben, moderator):
    Follow.objects.follow(ben, ana)
    Follow.objects.follow(UserFactory(), ana)
    services.suspend(person=ben, by=moderator, reason="Advertisements.")
    services.delete_person(ben)
    assert followers(ana) == 1

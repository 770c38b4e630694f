from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import Block
from accounts.tests.factories import SuspendedUserFactory, UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from follows.models import Follow
from follows.suggestions import suggestions

pytestmark = pytest.mark.django_db


def active(**fields):
    """Return a person who lately added a link."""
    return ContentFactory(collection__author=UserFactory(**fields)).collection.author


def suggested(person):
    return [row.person for row in suggestions(person)]


def follow(*pairs):
    for follower, followed in pairs:
        Follow.objects.follow(follower, followed)


def test_followed_by_followed_come_first(ana, ben):
    cleo, near, famous = UserFactory(username="cleo"), active(), active()
    follow((ana, ben), (ana, cleo), (ben, near), (cleo, near))
    follow(*((UserFactory(), famous) for _ in range(5)))
    rows = suggestions(ana)
    assert [row.person for row in rows] == [near, famous]
    assert rows[0].reason == "Followed by ben and 1 more you follow"
    assert rows[1].reason == "5 followers, added links lately"


def test_most_common_friends_come_first(ana, ben):
    cleo, some, most = UserFactory(), active(), active()
    follow((ana, ben), (ana, cleo), (ben, some), (ben, most), (cleo, most))
    assert suggested(ana) == [most, some]
    assert suggestions(ana)[1].reason == "Followed by ben"


def test_newcomer_gets_most_followed(ana):
    quiet, followed = active(), active()
    follow((UserFactory(), followed))
    assert suggested(ana) == [followed, quiet]
    assert suggestions(ana)[1].reason == "Added links lately"


def test_there_are_six_at_most(ana, ben):
    near = [active() for _ in range(8)]
    follow((ana, ben), *((ben, person) for person in near))
    assert len(suggestions(ana)) == 6
    assert len(suggestions(UserFactory())) == 6


def test_ineligible_people_are_not_suggested(ana, ben):
    ContentFactory(collection__author=ana)
    follow((ana, ben))
    blocked, blocker, followed, stranger = active(), active(), active(), active()
    services.block(blocker=ana, blocked=blocked)
    services.block(blocker=blocker, blocked=ana)
    follow((ana, followed), *((ben, person) for person in (blocked, blocker, followed, ana)))
    suspended = SuspendedUserFactory()
    Follow.objects.bulk_create([Follow(follower=ben, followed=suspended)])
    ContentFactory(collection__author=suspended)
    follow((ben, UserFactory()))
    assert suggested(ana) == [stranger]


def test_inactive_people_are_not_suggested(ana):
    now = timezone.now()
    CollectionFactory()
    ContentFactory(hidden_at=now, hidden_reason="Spam.")
    ContentFactory(collection__hidden_at=now, collection__hidden_reason="Spam.")
    old = CollectionFactory(last_added_at=now - timedelta(days=31))
    ContentFactory(collection=old)
    assert suggested(ana) == []


def test_the_reason_names_nobody_who_cannot_be_seen(ana, ben, moderator):
    near = active()
    follow((ana, ben), (ben, near))
    services.suspend(person=ben, by=moderator, reason="Advertisements.")
    (row,) = suggestions(ana)
    assert (row.person, row.reason) == (near, "Added links lately")


def test_they_follow_at_once_whatever_one_does(ana, ben):
    near = active()
    follow((ben, near))
    assert [row.reason for row in suggestions(ana)] == ["1 follower, added links lately"]
    follow((ana, ben))
    assert [row.reason for row in suggestions(ana)] == ["Followed by ben"]
    follow((ana, near))
    assert suggested(ana) == []
    Follow.objects.unfollow(ana, near)
    assert suggested(ana) == [near]
    services.block(blocker=near, blocked=ana)
    assert suggested(ana) == []


def test_cached_invisible_people_are_excluded(ana, moderator):
    person, other = active(), active()
    assert set(suggested(ana)) == {person, other}
    services.suspend(person=person, by=moderator, reason="Advertisements.")
    assert suggested(ana) == [other]


def test_cached_blocked_people_are_excluded(ana):
    person, other = active(), active()
    assert set(suggested(ana)) == {person, other}
    # As if they had been kept by a request that began before the block and ended after it.
    Block.objects.create(blocker=person, blocked=ana)
    assert suggested(ana) == [other]


def test_cached_friend_names_are_checked(ana, ben):
    near = active()
    follow((ana, ben), (ben, near))
    assert [row.reason for row in suggestions(ana)] == ["Followed by ben"]
    services.delete_person(ben)
    assert [row.reason for row in suggestions(ana)] == ["Added links lately"]


def test_those_kept_for_a_while_take_fewer_queries(ana, ben, django_assert_num_queries):
    person = active()
    suggestions(ana)
    with django_assert_num_queries(1):
        assert suggested(ana) == [person]
    follow((ana, ben), (ben, person))
    suggestions(ana)
    with django_assert_num_queries(2):
        assert suggested(ana) == [person]


@pytest.mark.parametrize("near", [0, 1, 10])
def test_they_take_two_queries_at_most(ana, ben, near, django_assert_max_num_queries):
    follow((ana, ben), *((ben, active()) for _ in range(near)))
    for _ in range(10):
        active()
    with django_assert_max_num_queries(2):
        assert len(suggestions(ana)) == 6

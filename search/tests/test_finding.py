"""Visibility, order and limits of search results."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services as people
from accounts.models import User
from accounts.tests.factories import ModeratorFactory, UnconfirmedUserFactory, UserFactory
from collections_app import services
from collections_app.models import Collection, Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from search import finding
from search.finding import MAX_RESULTS, find
from search.words import Query

pytestmark = pytest.mark.django_db

VISITOR = AnonymousUser()


def keys(text, user=VISITOR, ranked=None):
    found = find(Query(text), user, ranked)
    return {kind: [hit.pk for hit in hits] for kind, hits in found.items() if hits}


@pytest.fixture
def link():
    author = UserFactory(username="ana", name="Ana Needle")
    collection = CollectionFactory(author=author, name="Needles and needle")
    return ContentFactory(collection=collection, title="A needle")


@pytest.fixture
def everything(link):
    return {
        "people": [link.author.pk],
        "collections": [link.collection.pk],
        "links": [link.pk],
    }


def test_people_collections_and_links_are_found(link, everything):
    assert keys("needle") == everything


def test_hidden_link_is_found_after_restore(link, everything):
    moderator = ModeratorFactory()
    services.hide(target=link, by=moderator, reason="Spam.")
    without = {kind: found for kind, found in everything.items() if kind != "links"}
    assert keys("needle") == keys("needle", link.author) == keys("needle", moderator) == without
    services.restore(target=link, by=moderator, reason="A mistake.")
    assert keys("needle") == everything


def test_nothing_in_a_hidden_collection_is_found(link, everything):
    services.hide(target=link.collection, by=ModeratorFactory(), reason="Spam.")
    assert keys("needle") == {"people": everything["people"]}


def test_suspended_person_is_not_found(link, everything):
    people.suspend(person=link.author, by=ModeratorFactory(), reason="Spam.")
    assert not keys("needle")
    User.objects.filter(pk=link.author.pk).update(suspended_until=timezone.now())
    assert keys("needle") == everything


def test_unconfirmed_person_is_not_found():
    UnconfirmedUserFactory(name="Needle")
    assert not keys("needle")


@pytest.mark.parametrize("is_blocker", [True, False])
def test_search_respects_blocks(link, everything, is_blocker):
    reader = UserFactory()
    assert keys("needle", reader) == everything
    pair = (reader, link.author) if is_blocker else (link.author, reader)
    people.block(blocker=pair[0], blocked=pair[1])
    assert not keys("needle", reader)
    assert keys("needle", UserFactory()) == everything


def test_people_find_themselves(link, everything):
    assert keys("needle", link.author) == everything


@pytest.mark.slow
def test_hidden_rows_do_not_displace_visible_ones(link):
    ContentFactory.create_batch(MAX_RESULTS + 5, collection=link.collection, title="A needle")
    Content.objects.exclude(pk=link.pk).update(hidden_at=timezone.now(), hidden_reason="Spam.")
    assert keys("needle", ranked="links")["links"] == [link.pk]


@pytest.mark.slow
def test_of_very_many_the_first_are_found(link):
    links = ContentFactory.create_batch(
        MAX_RESULTS + 5, collection=link.collection, title="Needles"
    )
    newest = [row.pk for row in reversed(links)]
    best = [link.pk, *newest[: MAX_RESULTS - 1]]
    assert keys("needle", ranked="links")["links"] == best


@pytest.mark.slow
def test_most_followed_collection_is_found_first(link):
    collections = CollectionFactory.create_batch(MAX_RESULTS + 5, author=link.author, name="Pins")
    Collection.objects.filter(pk=collections[0].pk).update(follower_count=1)
    found = keys("pins", ranked="collections")["collections"]
    assert found[0] == collections[0].pk
    assert found[1:] == [row.pk for row in reversed(collections[6:])]


def test_unranked_types_are_counted(link):
    ContentFactory.create_batch(3, collection=link.collection, description="With needles.")
    for kind in finding.RESULT_TYPES:
        found = find(Query("needle"), VISITOR, ranked=kind.name)
        assert [len(hits) for hits in found.values()] == [1, 1, 4]


def test_one_statement_finds_everything(link, django_assert_num_queries):
    with django_assert_num_queries(1):
        find(Query("one two three needle"), link.author)


SIGNS = st.sampled_from(['"', "'", "*", "-", "(", ")", ":", "&", "|", "!", "\\", "%", "\x00", " "])
SYNTAX = st.sampled_from(
    ["AND", "OR", "NOT", "NEAR(", "name", "words :", "needle", "<->", "👍", "本"]
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.one_of(SIGNS, SYNTAX, st.text(max_size=5)), max_size=12).map("".join))
def test_no_query_is_an_error(link, text):
    query = Query(text)
    if query:
        find(query, VISITOR)


@pytest.mark.parametrize(
    "text", ["needle AND", '"needle', "needle*", "-needle", "needle)", "name:needle", "' OR 1=1 --"]
)
def test_database_syntax_has_no_effect(link, everything, text):
    assert ("AND" in text or "name" in text or "OR" in text) or keys(text) == everything
    assert not keys("NOT needle")

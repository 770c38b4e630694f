import re
from uuid import uuid1, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stream.exceptions import InputException

from feedserver.tests.calls import call_api, query_plan

pytestmark = pytest.mark.django_db

COUNT = 12


@pytest.fixture
def full(feed, make):
    user = feed()
    user.add_activities([make(number) for number in range(COUNT)])
    return user


def wire_ids(feed, **options):
    return [row["id"] for row in feed.get(**options)["results"]]


def test_pages_end_with_empty_next(full):
    collected, response = [], full.get(limit=5)
    while response["next"]:
        collected += response["results"]
        response = full.get(limit=5, id_lt=collected[-1]["id"])
    collected += response["results"]
    assert [row["object"] for row in collected] == [f"thing:{n}" for n in reversed(range(COUNT))]


def test_next_only_if_more(full):
    assert full.get(limit=COUNT)["next"] == ""
    address = full.get(limit=COUNT - 1)["next"]
    assert address.startswith(f"/api/v1.0/feed/user/{full.user_id}/?")
    assert "id_lt=" in address
    assert "api_key" not in address


@pytest.mark.slow
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "limit": st.integers(1, 15),
            "offset": st.integers(0, 15),
            "id_lt": st.integers(0, COUNT - 1),
            "id_lte": st.integers(0, COUNT - 1),
            "id_gt": st.integers(0, COUNT - 1),
            "id_gte": st.integers(0, COUNT - 1),
        },
    )
)
def test_parameters_match_list_slices(full, options):
    newest_first = wire_ids(full, limit=100)
    # The position of each in time, so that bounds can be compared as numbers.
    rank = {wire_id: COUNT - 1 - place for place, wire_id in enumerate(newest_first)}
    by_rank = {number: wire_id for wire_id, number in rank.items()}
    keep = {
        "id_lt": lambda n: n < options["id_lt"],
        "id_lte": lambda n: n <= options["id_lte"],
        "id_gt": lambda n: n > options["id_gt"],
        "id_gte": lambda n: n >= options["id_gte"],
    }
    expected = [
        wire_id
        for wire_id in newest_first
        if all(test(rank[wire_id]) for name, test in keep.items() if name in options)
    ]
    start = options.get("offset", 0)
    sent = {name: by_rank[value] if name in keep else value for name, value in options.items()}
    assert wire_ids(full, **sent) == expected[start : start + options.get("limit", 25)]


@pytest.mark.parametrize("name", ["limit", "offset", "id_lt", "id_gte"])
def test_invalid_parameters_refused(full, name):
    with pytest.raises(InputException):
        full.get(**{name: "x"})


def test_read_query_count_constant(full, feed, django_assert_num_queries):
    with django_assert_num_queries(1):
        full.get(limit=COUNT)
    with django_assert_num_queries(1):
        full.get(limit=1)
    with django_assert_num_queries(1):
        feed().get()


def test_page_uses_index_range(full):
    bound = wire_ids(full)[5]
    with CaptureQueriesContext(connection) as queries:
        full.get(id_lt=bound, limit=3)
    plan = query_plan(queries[0]["sql"])
    if connection.vendor == "sqlite":
        assert "(feed_id=?ANDactivity_id<?)" in plan
    else:
        assert re.search(r"IndexCond:\(\(feed_id=\S+\)AND\(activity_id<", plan)
        assert "Limit" in plan


def test_enriched_page_takes_two_more_queries(full, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        full.get(enrich=True)


def test_page_size_default_and_maximum(feed, make):
    user = feed()
    for start in (0, 60):
        user.add_activities([make(number) for number in range(start, start + 60)])
    assert len(user.get()["results"]) == 25
    assert len(user.get(limit=1000)["results"]) == 100
    assert user.get(limit=0) | {"duration": ""} == {"results": [], "next": "", "duration": ""}


def test_next_keeps_other_parameters(client, full):
    newest_first = wire_ids(full, limit=100)
    path, query = f"enrich/feed/user/{full.user_id}/", f"&limit=4&offset=1&id_gt={newest_first[10]}"
    collected = []
    while path:
        page = call_api(client, path, query=f"{query}&with_own_reactions=false").json()
        collected += [row["id"] for row in page["results"]]
        path, _, query = page["next"].removeprefix("/api/v1.0/").partition("?")
        query = f"&{query}"
        if path:
            assert path == f"enrich/feed/user/{full.user_id}/"
            assert query.count("with_own_reactions=false") == 1
            query = query.replace("&with_own_reactions=false", "")
    assert collected == newest_first[1:10]


def test_bound_need_not_exist(full):
    assert wire_ids(full, id_lt=str(uuid1())) == wire_ids(full)
    assert full.get(id_gte=str(uuid1()))["results"] == []
    assert "results" in full.get(id_lt=str(uuid4()))


def test_last_of_repeated_bounds_used(client, full):
    newest_first = wire_ids(full)
    query = "".join(f"&id_lte={newest_first[place]}" for place in (1, 5))
    page = call_api(client, f"feed/user/{full.user_id}/", query=query).json()
    assert [row["id"] for row in page["results"]] == newest_first[5:]


def test_own_and_copied_ordered_with_origins(feed, make):
    user, follower = feed(), feed("timeline")
    follower.follow(user.slug, user.user_id)
    user.add_activity(make(1))
    follower.add_activity(make(2))
    user.add_activity(make(3))
    rows = [(row["object"], row["origin"]) for row in follower.get()["results"]]
    assert rows == [("thing:3", user.id), ("thing:2", None), ("thing:1", user.id)]


def test_two_origins_count_once_on_page(feed, make):
    user, other, follower = feed(), feed(), feed("timeline")
    for followed in (user, other):
        follower.follow(followed.slug, followed.user_id)
    user.add_activities([make(number, to=[other.id]) for number in range(6)])
    page = follower.get(limit=3)
    assert [row["object"] for row in page["results"]] == ["thing:5", "thing:4", "thing:3"]
    rest = follower.get(limit=3, id_lt=page["results"][-1]["id"])
    assert [row["object"] for row in rest["results"]] == ["thing:2", "thing:1", "thing:0"]
    assert rest["next"] == ""


def test_timeline_query_count_constant(feed, make, django_assert_num_queries):
    follower = feed("timeline")
    for number in range(12):
        user = feed()
        follower.follow(user.slug, user.user_id)
        user.add_activity(make(number))
    for limit in (1, 12):
        with django_assert_num_queries(1):
            assert len(follower.get(limit=limit)["results"]) == limit


def actors_of(response):
    return [row["actor"] for row in response["results"]]


@pytest.fixture
def mixed(feed, make):
    """Return a feed with activities by ana, ben, eva, ana, ben, eva, newest first."""
    user = feed()
    user.add_activities([make(n, actor=name) for n, name in enumerate(["eva", "ben", "ana"] * 2)])
    return user


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"discard_actors": "ben"}, ["ana", "eva"]),
        ({"discard_actors": "ana,eva"}, ["ben"]),
        ({"discard_actors": "ana;eva", "discard_actors_sep": ";"}, ["ben"]),
        ({"discard_actors": "ana,eva", "discard_actors_sep": ";"}, ["ana", "ben", "eva"]),
        ({"discard_actors": "", "discard_actors_sep": ""}, ["ana", "ben", "eva"]),
    ],
)
@pytest.mark.parametrize("enrich", [False, True])
def test_discarded_actors_left_out(mixed, parameters, expected, enrich):
    assert actors_of(mixed.get(enrich=enrich, **parameters)) == expected * 2


def test_pages_continue_without_discarded_actors(client, mixed):
    path, query = f"feed/user/{mixed.user_id}/", "&limit=2&discard_actors=ana"
    pages = []
    while path:
        page = call_api(client, path, query=query).json()
        pages.append(actors_of(page))
        path, _, query = page["next"].removeprefix("/api/v1.0/").partition("?")
        query = f"&{query}"
    assert pages == [["ben"], ["eva"], ["ben", "eva"]]

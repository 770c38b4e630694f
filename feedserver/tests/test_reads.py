import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stream.exceptions import InputException

pytestmark = pytest.mark.django_db

COUNT = 12


@pytest.fixture
def full(feed, make):
    user = feed()
    user.add_activities([make(number) for number in range(COUNT)])
    return user


def wire_ids(feed, **options):
    return [row["id"] for row in feed.get(**options)["results"]]


def test_pages_follow_each_other_to_an_empty_next(full):
    found, answer = [], full.get(limit=5)
    while answer["next"]:
        found += answer["results"]
        answer = full.get(limit=5, id_lt=found[-1]["id"])
    found += answer["results"]
    assert [row["object"] for row in found] == [f"thing:{n}" for n in reversed(range(COUNT))]


def test_next_is_an_address_only_when_there_is_more(full):
    assert full.get(limit=COUNT)["next"] == ""
    address = full.get(limit=COUNT - 1)["next"]
    assert address.startswith(f"/api/v1.0/feed/user/{full.user_id}/?")
    assert "id_lt=" in address
    assert "api_key" not in address


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
def test_every_combination_of_parameters_reads_what_a_list_would(full, options):
    newest_first = wire_ids(full, limit=100)
    # Position in time of each, so that bounds can be compared as numbers.
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
def test_parameters_that_are_none_are_refused(full, name):
    with pytest.raises(InputException):
        full.get(**{name: "x"})


def test_reading_takes_the_same_queries_at_any_size(full, feed, django_assert_num_queries):
    with django_assert_num_queries(3):
        full.get(limit=COUNT)
    with django_assert_num_queries(3):
        full.get(limit=1)
    with django_assert_num_queries(1):
        feed().get()


def test_an_enriched_page_takes_two_more(full, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        full.get(enrich=True)

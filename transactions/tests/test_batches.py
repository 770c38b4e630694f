import pytest
from django.contrib.auth import get_user_model

from transactions.batches import by_key, in_batches


@pytest.mark.parametrize(
    ("rows", "batches"),
    [([], []), ([1, 2], [[1, 2]]), ([1, 2, 3], [[1, 2], [3]])],
)
def test_in_batches_keeps_order(rows, batches):
    assert list(in_batches(iter(rows), 2)) == batches


@pytest.fixture
def people(db):
    return [get_user_model().objects.create(username=f"person{number}") for number in range(5)]


def test_by_key_reads_all_rows_once(people, django_assert_num_queries):
    rows = get_user_model().objects.order_by("-username")
    with django_assert_num_queries(4):
        batches = list(by_key(rows, 2))
    assert batches == [people[:2], people[2:4], people[4:]]


def test_by_key_starts_behind_a_key(people):
    assert list(by_key(get_user_model().objects.all(), 3, after=people[2].pk)) == [people[3:]]


def test_by_key_survives_deletions(people):
    batches = by_key(get_user_model().objects.all(), 2)
    next(batches)
    get_user_model().objects.filter(pk__in=[people[1].pk, people[2].pk]).delete()
    assert next(batches) == people[3:]

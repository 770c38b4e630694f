from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedserver import ids

MOMENTS = st.datetimes(datetime(1600, 1, 1), datetime(5000, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


def test_id_equals_hosted_stream_id():
    moment = datetime.fromtimestamp(1452862482, UTC)
    stored = ids.id_of_foreign_id("6621934", moment)
    assert ids.to_wire(stored) == "24f9d500-bb87-11e5-8080-80012ce3cc51"


@pytest.mark.slow
@given(st.text(min_size=1), MOMENTS)
def test_wire_id_round_trip(foreign_id, moment):
    stored = ids.id_of_foreign_id(foreign_id, moment)
    wire = ids.to_wire(stored)
    assert UUID(wire).version == 1
    assert stored.version == 6
    assert ids.from_wire(wire) == stored


@pytest.mark.slow
@given(MOMENTS, MOMENTS)
def test_ids_ordered_by_time(first_moment, second_moment):
    first, second = (
        ids.id_of_foreign_id("x", first_moment),
        ids.id_of_foreign_id("x", second_moment),
    )
    assert (first < second) == (first_moment < second_moment)


def test_next_time_strictly_increases():
    moments = [ids.next_time() for _ in range(1000)]
    assert moments == sorted(set(moments))


@pytest.mark.parametrize("text", ["", "x", "1", "0" * 32, "{24f9d500-bb87-11e5-8080-80012ce3cc51}"])
def test_invalid_id_is_none(text):
    assert ids.from_wire(text) is None


def test_content_determines_id():
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    first_moment = ids.id_of_content(["ana", {"a": 1, "b": 2}], moment)
    assert first_moment == ids.id_of_content(["ana", {"b": 2, "a": 1}], moment)
    assert first_moment != ids.id_of_content(["ana", {"a": 1, "b": 3}], moment)


def test_fresh_ids_differ():
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    assert len({ids.fresh_id(moment) for _ in range(100)}) == 100


@pytest.mark.slow
@given(st.uuids())
def test_boundary_accepts_any_uuid(value):
    assert isinstance(ids.boundary(str(value)), UUID)
    if value.version != 1:
        assert ids.from_wire(str(value)) is None


def test_boundary_of_wire_id_is_stored_id():
    stored = ids.id_of_foreign_id("x", datetime(2026, 1, 2, tzinfo=UTC))
    assert ids.boundary(ids.to_wire(stored).upper()) == stored

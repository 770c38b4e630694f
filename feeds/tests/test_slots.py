import pytest

from feeds.timeline.slots import fill_gap


@pytest.mark.parametrize(
    ("address", "key", "filled"),
    [
        ("/people/0/", "ana", "/people/ana/"),
        ("/people/0/", "a b/ñ", "/people/a%20b%2F%C3%B1/"),
        ("/10/0/edit/", 7, "/10/7/edit/"),
        ("/add/?from=0", 7, "/add/?from=7"),
        ("/people/0/", None, "/people/0/"),
        ("/people/0/", "", "/people/0/"),
    ],
)
def test_key_fills_gap(address, key, filled):
    assert fill_gap(address, key) == filled

import pytest

from feedserver import enrichment

pytestmark = pytest.mark.django_db


def test_custom_activity_count_unchanged(feed, make):
    user = feed()
    user.add_activity(make(activity_count=1))
    (read,) = user.get(enrich=True)["results"]
    assert read["activity_count"] == 1


def entry_of(response):
    return {name: value for name, value in response.items() if name != "duration"}


def test_references_replaced_by_rows(stream, feed, make):
    user = stream.users.add("ana", {"name": "Ana"})
    added = stream.collections.add("food", {"name": "bread"}, id="1")
    user_feed = feed()
    user_feed.add_activity(make(actor="SU:ana", object="SO:food:1"))
    (activity,) = user_feed.get(enrich=True)["results"]
    assert activity["actor"] == entry_of(user)
    assert activity["object"] == entry_of(added)
    (plain,) = user_feed.get()["results"]
    assert (plain["actor"], plain["object"]) == ("SU:ana", "SO:food:1")


def test_missing_reference_in_stream_format(feed, make):
    user_feed = feed()
    user_feed.add_activity(make(actor="SU:ghost", object="SO:food:9", target="SA:7", answer="SR:8"))
    (activity,) = user_feed.get(enrich=True)["results"]
    assert activity["actor"] == {
        "error": "ReferenceNotFound",
        "reference": "SU:ghost",
        "reference_type": "user",
        "id": "ghost",
    }
    assert activity["object"] == {
        "error": "ReferenceNotFound",
        "reference": "SO:food:9",
        "reference_type": "object",
        "id": "9",
        "collection": "food",
    }
    for name, kind, reference in [("target", "activity", "SA:7"), ("answer", "reaction", "SR:8")]:
        assert activity[name] == {
            "error": "ReferenceNotFound",
            "reference": reference,
            "reference_type": kind,
            "id": reference[3:],
        }


def test_custom_fields_enriched_not_nested(stream, feed, make):
    user = entry_of(stream.users.add("ana", {"name": "Ana"}))
    user_feed = feed()
    user_feed.add_activity(make(target="SU:ana", friend="SU:ana", friends=["SU:ana"]))
    (activity,) = user_feed.get(enrich=True)["results"]
    assert (activity["target"], activity["friend"]) == (user, user)
    assert activity["friends"] == ["SU:ana"]


def test_lookalike_reference_kept(feed, make):
    user_feed = feed()
    user_feed.add_activity(make(actor="SUana", object="XX:1", target="sa:2"))
    (activity,) = user_feed.get(enrich=True)["results"]
    assert (activity["actor"], activity["object"], activity["target"]) == ("SUana", "XX:1", "sa:2")


def test_reference_without_id_is_missing(feed, make):
    user_feed = feed()
    user_feed.add_activity(make(actor="SU:", object="SO:food"))
    (activity,) = user_feed.get(enrich=True)["results"]
    assert (activity["actor"]["id"], activity["object"]["id"]) == ("", "")
    assert activity["object"]["collection"] == "food"


def test_user_change_shows_in_activities(stream, feed, make):
    stream.users.add("ana", {"name": "Ana"})
    user_feed = feed()
    added = user_feed.add_activity(make(actor="SU:ana"))
    stream.users.update("ana", {"name": "Ana Lima"})
    (read,) = stream.get_activities(ids=[added["id"]], enrich=True)["results"]
    assert read["actor"]["data"] == {"name": "Ana Lima"}


def test_enrich_query_count_constant(stream, feed, make, django_assert_num_queries):
    user_feed = feed()
    for number in range(12):
        stream.users.add(number, {"name": str(number)})
        stream.collections.add("food", {"name": str(number)}, id=str(number))
        user_feed.add_activity(make(actor=f"SU:{number}", object=f"SO:food:{number}"))
    for limit in (1, 12):
        with django_assert_num_queries(3):
            rows = user_feed.get(enrich=True, limit=limit)["results"]
        assert all(row["actor"]["data"] == row["object"]["data"] for row in rows)


def test_enriched_fields_limited(stream, feed, make):
    stream.users.add("ana", {"name": "Ana"})
    user_feed = feed()
    fields = {f"a{place:03}": "SU:ana" for place in range(300)}
    user_feed.add_activity(make(actor="SU:ana", object="SO:food:1", target="SU:ana", **fields))
    (read,) = user_feed.get(enrich=True)["results"]
    replaced = {name for name, value in read.items() if isinstance(value, dict)}
    assert replaced == {"actor", "object", "target", *(f"a{place:03}" for place in range(17))}


def test_many_references_accepted(feed, make):
    user_feed = feed()
    for number in range(15):
        fields = {f"f{place}": f"SO:c{number}-{place}:1" for place in range(300)}
        user_feed.add_activity(make(number, **fields))
    assert len(user_feed.get(enrich=True)["results"]) == 15


def test_response_weight_limited(monkeypatch, stream, feed, make):
    monkeypatch.setattr(enrichment, "MAX_REFERENCE_WEIGHT", 3)
    stream.users.add("ana", {"name": "Ana"})
    user_feed = feed()
    for number in range(4):
        user_feed.add_activity(make(number, actor="SU:ana", object="SU:ana"))
    actors = [activity["actor"] for activity in user_feed.get(enrich=True)["results"]]
    assert [isinstance(actor, dict) for actor in actors] == [True, True, False, False]


def test_referenced_activity_enriched_in_main_fields(stream, feed, make):
    stream.users.add("ana", {"name": "Ana"})
    user_feed = feed()
    inner = user_feed.add_activity(make(actor="SU:ana", editor="SU:ana"))
    user_feed.add_activity(make(2, object=f"SA:{inner['id']}"))
    activity = user_feed.get(enrich=True)["results"][0]["object"]
    assert activity["actor"]["data"] == {"name": "Ana"}
    assert activity["editor"] == "SU:ana"

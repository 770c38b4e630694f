"""Follow statistics, bulk calls, open graph, analytics, rankings and unsupported services."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from stream.exceptions import DoesNotExistException, InputException, StreamApiException

from feedserver import checks
from feedserver.tests.calls import SERVER, call_api, check_error, send, sign

pytestmark = pytest.mark.django_db


# Follow statistics


def test_follow_stats_counted(stream, feed):
    one, readers = feed(), [feed("timeline"), feed("timeline"), feed("aggregated")]
    for reader in readers:
        reader.follow(one.slug, one.user_id)
    one.follow("user", "other")
    results = stream.follow_stats(one.id)["results"]
    assert results == {
        "followers": {"feed": one.id, "count": 3},
        "following": {"feed": one.id, "count": 1},
    }
    some = stream.follow_stats(one.id, followers_slugs=["timeline"], following_slugs="timeline")
    assert [row["count"] for row in some["results"].values()] == [2, 0]


def test_follow_stats_of_requested_feeds(client):
    response = call_api(client, "stats/follow/", query="&followers=user:1").json()["results"]
    assert response == {"followers": {"feed": "user:1", "count": 0}}
    check_error(call_api(client, "stats/follow/"), 400, 4)
    check_error(call_api(client, "stats/follow/", query="&followers=1"), 400, 4)
    check_error(call_api(client, "stats/follow/", query="&following=nothing:1"), 400, 6)


# Many users


def test_many_users_added_once(client, stream):
    stream.users.add("ana", {"name": "Ana"})
    body = {"users": [{"id": "ben", "data": {"name": "Ben"}}, {"id": "ana", "data": {"x": 1}}]}
    created = call_api(client, "users/", "post", body=body).json()["created_users"]
    assert [(row["id"], row["data"]) for row in created] == [
        ("ben", {"name": "Ben"}),
        ("ana", {"name": "Ana"}),
    ]
    call_api(client, "users/", "post", body={**body, "override": True})
    assert stream.users.get("ana")["data"] == {"x": 1}


def test_many_users_read_and_deleted(client, stream):
    for name in ("ana", "ben", "eva"):
        stream.users.add(name)
    users = call_api(client, "users/", query="&ids=eva,ghost,ana").json()["users"]
    assert [row["id"] for row in users] == ["eva", "ana"]
    response = call_api(client, "users/", "delete", query="&ids=eva,ghost,ana").json()
    assert response["deleted_user_ids"] == ["eva", "ana"]
    assert call_api(client, "users/", query="&ids=eva,ben").json()["users"][0]["id"] == "ben"


@pytest.mark.parametrize(
    "users",
    [None, "text", [1], [{}], [{"id": "a b"}], [{"id": "a", "data": 1}], [{"id": "a"}] * 1001],
)
def test_bad_users_refused(client, users):
    batch = [{"id": "good"}, *users] if isinstance(users, list) else users
    check_error(call_api(client, "users/", "post", body={"users": batch}), 400, 4)
    check_error(call_api(client, "user/good/"), 404, 16)


def test_bulk_query_count_constant(client, django_assert_num_queries):
    for number in (1, 200):
        batch = [{"id": f"{number}-{place}"} for place in range(number)]
        with django_assert_num_queries(4):
            call_api(client, "users/", "post", body={"users": batch})


def test_list_query_count_constant(client, stream, settings, feed, make):
    settings.FEEDSERVER_AUDIT_LOG = True
    user, counts = feed(), set()
    for size in (1, 12):
        names = [f"{size}-{number}" for number in range(size)]
        added = [user.add_activity(make(name, actor=f"SU:{name}"))["id"] for name in names]
        reaction_ids = [stream.reactions.add("like", added[0], name)["id"] for name in names]
        stream.collections.upsert("food", [{"id": name} for name in names])
        for name in names:
            stream.users.add(name)
        queries_by_path = {
            "users/": f"&ids={','.join(names)}",
            "activities/": f"&ids={','.join(added)}",
            "enrich/activities/": f"&ids={','.join(added)}",
            "reaction/get_many/": f"&ids={','.join(reaction_ids)}",
            "collections/": f"&foreign_ids={','.join(f'food:{name}' for name in names)}",
            "audit_logs/": f"&entity_type=activity&entity_id={added[0]}",
        }
        for path, query in queries_by_path.items():
            with CaptureQueriesContext(connection) as queries:
                assert call_api(client, path, query=query).status_code == 200
            counts.add((path, len(queries)))
    assert len(counts) == len(queries_by_path)


def test_user_with_follow_counts(client, stream):
    for name in ("ana", "ben"):
        stream.users.add(name)
    stream.feed("timeline", "ana").follow("user", "ben")
    stream.feed("notification", "ana").follow("user", "ben")
    ana, ben = (
        call_api(client, f"user/{name}/", query="&with_follow_counts=true").json()
        for name in ("ana", "ben")
    )
    assert (ana["followers_count"], ana["following_count"]) == (0, 1)
    assert (ben["followers_count"], ben["following_count"]) == (1, 0)
    assert "followers_count" not in stream.users.get("ana")


# Open graph


def describe(address):
    """Describe one known page, as the function in the settings does."""
    if address.endswith("/away"):
        raise ConnectionError
    return {"title": "A page", "url": address} if address.endswith("/page") else None


@pytest.fixture
def fetcher(settings):
    settings.FEEDSERVER_OPEN_GRAPH = f"{__name__}.describe"


def test_open_graph_function_describes_page(fetcher, stream):
    response = stream.og("https://example.org/page")
    assert (response["title"], response["original_url"]) == ("A page", "https://example.org/page")


@pytest.mark.parametrize("setting", [None, f"{__name__}.describe"])
def test_missing_description_in_stream_format(stream, settings, setting):
    settings.FEEDSERVER_OPEN_GRAPH = setting
    with pytest.raises(InputException) as refused:
        stream.og("https://example.org/other")
    assert str(refused.value) == "couldn't find og data for the provided url"


def test_unreachable_page_is_503(fetcher, client):
    check_error(call_api(client, "og/", query="&url=https://example.org/away"), 503, -1)


@pytest.mark.parametrize("address", ["", "text", "ftp://example.org/page", "http://a b/page"])
def test_invalid_address_not_fetched(fetcher, stream, address):
    with pytest.raises(InputException):
        stream.og(address)


def test_missing_function_reported_by_checks(settings):
    settings.FEEDSERVER_OPEN_GRAPH = "feedserver.nowhere.describe"
    assert [error.id for error in checks.check_open_graph(None)] == ["feedserver.E008"]
    settings.FEEDSERVER_OPEN_GRAPH = None
    assert checks.check_open_graph(None) == []


def explode(address):
    raise RuntimeError(address)


def test_failing_function_gives_400(settings, client):
    settings.FEEDSERVER_OPEN_GRAPH = f"{__name__}.explode"
    check_error(call_api(client, "og/", query="&url=https://example.org/"), 400, 4)


# Analytics


@pytest.fixture
def analytics(stream):
    """Return the client, configured to send analytics to this server."""
    stream.base_analytics_url = "https://localhost/analytics/v1.0/"
    return stream


def test_analytics_accepted(analytics):
    analytics.track_engagements([{"content": "1", "label": "click", "user_data": "ana"}])
    analytics.track_impressions([{"content_list": ["1"], "user_data": "ana"}])


def test_analytics_need_token_and_body(client):
    path = "/analytics/v1.0/engagement/"
    assert call_api(client, path, "post", body={}).status_code == 201
    claims = {"resource": "analytics", "action": "*", "user_id": "*", "feed_id": "*"}
    assert call_api(client, path, "post", body={}, claims=claims).status_code == 201
    check_error(
        call_api(client, path, "post", body={}, claims={**SERVER, "action": "read"}), 403, 17
    )
    check_error(call_api(client, path, "post"), 400, 4)


# Unsupported services


ABSENT = ["files/", "images/", "moderation/flag/", "data_privacy/delete_activities/", "faye/"]
ABSENT += ["enrich/personalization/feed/", "/personalization/v1.0/meta/", "nothing/of/the/kind"]


@pytest.mark.parametrize("path", [*ABSENT, "feed/user/", "/analytics/v1.0/other/"])
def test_unsupported_paths_not_found(client, path):
    body = check_error(call_api(client, path), 404, 16)
    assert body["detail"] == "There is nothing at this address."


def test_unsupported_paths_refuse_unknown_method(client):
    for method in ("post", "put", "patch", "delete"):
        check_error(call_api(client, "files/", method), 404, 16)
    check_error(call_api(client, "files/", "trace"), 405, 17)


def test_personalization_not_found(stream):
    calls = [
        lambda: stream.personalization.get("follow_recommendations", user_id="ana"),
        lambda: stream.personalization.post("follow_recommendations", data={"a": 1}),
        lambda: stream.personalization.delete("meta"),
    ]
    for call in calls:
        with pytest.raises(DoesNotExistException):
            call()


def test_unauthorized_learn_nothing(client):
    for path in ABSENT:
        check_error(call_api(client, path, key="unknown"), 401, 2)
        check_error(send(client, path, token="x.y.z"), 401, 3)


def test_file_upload_is_no_error(client):
    address = "/api/v1.0/files/?api_key=embedded"
    response = client.post(address, {"file": b"x"}, headers={"authorization": sign(SERVER)})
    assert response.status_code in {401, 404}
    assert response.json()["duration"]


# Ranking


def test_only_configured_ranking_accepted(stream, settings, feed, make):
    settings.FEEDSERVER_GROUPS = {"user": {"type": "flat", "rankings": ["popular"]}}
    user = feed()
    user.add_activity(make())
    assert len(user.get(ranking="popular", ranking_vars='{"a": 1}')["results"]) == 1
    with pytest.raises(StreamApiException) as refused:
        user.get(ranking="unknown")
    assert type(refused.value).__name__ == "MissingRankingException"


@pytest.mark.parametrize("name", ["ranking_vars", "rankingVars"])
@pytest.mark.parametrize("variables", ["text", "[1]", "1", "{", "[" * 5000])
def test_ranking_variables_must_be_object(feed, name, variables):
    with pytest.raises(InputException):
        feed().get(**{name: variables})
    assert feed().get(**{name: '{"a": 1}'})["results"] == []


def test_bad_rankings_reported_by_checks(settings):
    settings.FEEDSERVER_GROUPS = {"user": {"type": "flat", "rankings": [1]}}
    assert [error.id for error in checks.check_groups(None)] == ["feedserver.E007"]

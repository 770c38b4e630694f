"""Claims of tokens at every URL, and the feeds that claims name.

A token names a feed by slug and id without a separator, so no feed may match another group.
"""

import pytest
from django.apps import apps
from django.test import override_settings
from django.urls import resolve
from hypothesis import given, settings
from hypothesis import strategies as st

from feedserver.auth import Token
from feedserver.errors import ApiError
from feedserver.feed_ids import make_feed_id
from feedserver.tests.calls import SERVER, call_api, check_error, paths, slow
from feedserver.tests.malformed import CALLS

pytestmark = pytest.mark.django_db

METHODS = ("get", "head", "post", "put", "patch", "delete")
QUERY = "&ids=1&foreign_ids=food:1&followers=user:1&user_id=1&mark_seen=true&mark_read=true"
# The reads of a feed that its read token allows.
ENDS = ["", "follows/", "following/", "followers/"]
# Short, so that one is often the beginning of another.
letters = st.text("ab1-", min_size=2, max_size=6)


def state():
    """Return every row of the feed server."""
    models = apps.get_app_config("feedserver").get_models()
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def bodies(path):
    """Return bodies for a path: an invalid one, and the valid ones."""
    valid = [body for name, body in CALLS.items() if body and name.partition(" ")[2] == path]
    return [{}, *valid]


def attempts(**arguments):
    """Yield every path with every method, with and without parameters and valid bodies."""
    for path in paths(**arguments):
        for method in METHODS:
            for body in bodies(path):
                for query in ("", QUERY):
                    yield path, method, {"body": body, "query": query}


@pytest.fixture
def everything(client, stream, settings):
    """Create a row for every path, so that no response is 404."""
    settings.FEEDSERVER_AUDIT_LOG = True
    for slug in ("user", "notification"):
        sent = {"actor": "1", "verb": "add", "object": "o", "foreign_id": "a:1"}
        stream.feed(slug, "1").add_activity(sent)
    stream.feed("user", "1").follow("user", "2")
    stream.users.add("1")
    stream.collections.add("food", {"name": "rye"}, id="1", user_id="1")
    body = {"id": "1", "kind": "like", "activity_id": "1", "user_id": "1"}
    assert call_api(client, "reaction/", "post", body=body).status_code == 201


def test_paths_cover_all_urls():
    all_paths = list(paths())
    assert len(all_paths) == len(set(all_paths)) > 30
    assert not [path for path in all_paths if "<" in path]
    views = {
        resolve(path if path.startswith("/") else f"/api/v1.0/{path}", "feedserver.urls").route
        for path in all_paths
    }
    assert len(views) == len(all_paths)


def test_valid_bodies_cover_all_paths():
    """Each path that takes a body gets a valid one in these tests."""
    names = {name.partition(" ")[2] for name, body in CALLS.items() if body}
    slugs = ("user", "notification", "aggregated", "timeline")
    known = {path for slug in slugs for path in paths(slug=slug)}
    assert names - known == {"feed_targets/user/2/activity_to_targets/"}


@pytest.mark.parametrize("slug", ["notification", *slow("user")])
def test_read_token_allows_only_reads(client, everything, slug):
    claims = {"resource": "*", "action": "read", "feed_id": f"{slug}1"}
    before, allowed = state(), set()
    for path, method, sent in attempts(slug=slug):
        status = call_api(client, path, method, claims, **sent).status_code
        if status < 400:
            allowed.add((method, path))
        else:
            expected = {404} if path.startswith("/personalization") else {403, 405}
            assert status in expected, (method, path)
    own = {f"feed/{slug}/1/{end}" for end in ENDS} | {f"enrich/feed/{slug}/1/"}
    assert allowed == {(method, path) for method in ("get", "head") for path in own}
    assert state() == before


@pytest.mark.parametrize(
    "feed_id", ["user11", *slow("user2", "user", "userx1", "timeline1", "1", "")]
)
def test_token_for_other_feed_refused(client, everything, feed_id):
    claims = {"resource": "*", "action": "read", "feed_id": feed_id}
    for path, method, sent in attempts(slug="user"):
        status = call_api(client, path, method, claims, **sent).status_code
        assert status in {403, 404, 405}, (method, path)


@pytest.mark.parametrize("claim", ["feed_id", *slow("resource", "action")])
def test_every_claim_required_everywhere(client, everything, claim):
    """A server token without the claim allows nothing."""
    claims = {**SERVER, claim: "nothing"}
    before = state()
    for path, method, sent in attempts(slug="user"):
        status = call_api(client, path, method, claims, **sent).status_code
        expected = {404} if path.startswith("/personalization") else {403, 405}
        assert status in expected, (method, path)
    assert state() == before


def test_server_token_allowed_where_read_token_refused(client, everything):
    """The refusals are because of the token, not because of the path or the body."""
    claims = {"resource": "*", "action": "read", "feed_id": "user1"}
    for path in paths():
        for method in METHODS:
            refused = (
                call_api(client, path, method, claims, body={}, query=QUERY).status_code == 403
            )
            if refused:
                response = call_api(client, path, method, body={}, query=QUERY)
                assert response.status_code not in {401, 403, 405}, (method, path)


# Claims that name feeds


def feed_id_or_none(slug, user_id):
    """Return the id of the feed, or None if it is invalid."""
    try:
        return make_feed_id(slug, user_id)
    except ApiError:
        return None


@pytest.mark.slow
@settings(deadline=None)
@given(whole=letters, data=st.data())
def test_claim_names_at_most_one_feed(whole, data):
    cuts = data.draw(st.sets(st.integers(1, len(whole) - 1), min_size=1))
    groups = {whole[:cut]: {"type": "flat"} for cut in cuts}
    with override_settings(FEEDSERVER_GROUPS=groups):
        feeds = [feed_id_or_none(whole[:cut], whole[cut:]) for cut in cuts]
        assert len([feed for feed in feeds if feed]) == 1


@pytest.mark.slow
@settings(deadline=None)
@given(
    slugs=st.sets(letters, min_size=1, max_size=4), ids=st.tuples(letters, letters), data=st.data()
)
def test_token_allows_one_feed(slugs, ids, data):
    with override_settings(FEEDSERVER_GROUPS={slug: {"type": "flat"} for slug in slugs}):
        feed_ids = [
            feed_id_or_none(data.draw(st.sampled_from(sorted(slugs))), user_id) for user_id in ids
        ]
        first, second = feed_ids
        if first and second:
            token = Token({**SERVER, "feed_id": first.claim})
            scope = {"resource": "feed", "action": "read"}
            assert token.allows(**scope, feed_id=first)
            assert token.allows(**scope, feed_id=second) == (first == second)
            assert not token.allows(**scope)


@pytest.mark.parametrize("user_id", ["*", "1,user2", "1 ", "", "a:b", "a/b"])
def test_ambiguous_feed_id_invalid(client, user_id):
    with pytest.raises(ApiError):
        make_feed_id("user", user_id)


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        *(("feed/user/x1/" + end, "get", None) for end in ENDS),
        ("enrich/feed/user/x1/", "get", None),
        ("feed/user/x1/", "post", {"actor": "a", "verb": "v", "object": "o"}),
        ("feed/user/x1/follows/", "post", {"target": "user:1"}),
        ("feed/user/x1/follows/user:1/", "delete", None),
        ("feed/user/x1/a:1/", "delete", None),
        ("feed_targets/user/x1/activity_to_targets/", "post", {"id": "1", "new_targets": []}),
        ("feed/user/1/", "post", {"actor": "a", "verb": "v", "object": "o", "to": ["user:x1"]}),
        ("feed/user/1/follows/", "post", {"target": "user:x1"}),
        ("feed/user/1/follows/user:x1/", "delete", None),
        ("follow_many/", "post", [{"source": "user:1", "target": "user:x1"}]),
        ("follow_many/", "post", [{"source": "user:x1", "target": "user:1"}]),
        ("unfollow_many/", "post", [{"source": "user:x1", "target": "user:1"}]),
        (
            "feed/add_to_many/",
            "post",
            {"activity": {"actor": "a", "verb": "v", "object": "o"}, "feeds": ["user:x1"]},
        ),
        (
            "reaction/",
            "post",
            {"kind": "like", "activity_id": "1", "user_id": "1", "target_feeds": ["user:x1"]},
        ),
    ],
)
@pytest.mark.parametrize("claims", [SERVER, {**SERVER, "feed_id": "userx1"}])
def test_feed_of_another_group_refused_everywhere(client, path, method, body, claims):
    before = state()
    response = call_api(client, path, method, claims, body)
    assert response.status_code == 400 or (claims is not SERVER and response.status_code == 403)
    if response.status_code == 400:
        check_error(response, 400, 4)
    assert state() == before

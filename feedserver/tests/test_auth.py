"""Authentication, and authorization by the claims of tokens."""

import base64
import time

import pytest
from stream.exceptions import ApiKeyException, SignatureException

from feedserver import conf
from feedserver.tests.calls import SERVER, call_api, check_error, send, sign

pytestmark = pytest.mark.django_db

OTHER_SECRET = "another secret of more than thirty-two letters"


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_unknown_key_and_foreign_signature_refused(stream):
    stream.api_key = "unknown"
    with pytest.raises(ApiKeyException):
        stream.users.get("ana")
    stream.api_key = conf.api_key()
    stream.users.token = sign(SERVER, secret=OTHER_SECRET)
    with pytest.raises(SignatureException):
        stream.users.get("ana")


def test_unknown_key_error(client):
    check_error(call_api(client, "feed/user/1/", key="unknown"), 401, 2)


@pytest.mark.parametrize("name", ["FEEDSERVER_API_KEY", "FEEDSERVER_API_SECRET"])
def test_missing_credentials_refuse_all(client, settings, name):
    token = sign(SERVER)
    setattr(settings, name, "")
    assert send(client, "feed/user/1/", token=token).status_code == 401


@pytest.mark.parametrize(
    "forge",
    [
        lambda: "",
        lambda: "x.y.z",
        lambda: "ü",
        lambda: f"Bearer {sign(SERVER)}",
        lambda: sign(SERVER, secret="", algorithm="none"),
        lambda: sign(SERVER, algorithm="HS512"),
        lambda: sign(SERVER, secret=OTHER_SECRET),
        lambda: sign(SERVER)[:-2],
        lambda: sign({**SERVER, "exp": int(time.time()) - 1}),
        lambda: sign({**SERVER, "nbf": int(time.time()) + 60}),
        lambda: f"{encoded('[' * 50_000)}.{encoded('{}')}.x",
    ],
    ids=[
        "none",
        "no token",
        "not ASCII",
        "with a scheme",
        "unsigned",
        "another algorithm",
        "another secret",
        "cut off",
        "expired",
        "not yet",
        "nested",
    ],
)
def test_invalid_token_refused(client, forge):
    check_error(send(client, "feed/user/1/", token=forge()), 401, 3)


def test_claims_cannot_be_swapped(client):
    header, _, signature = sign({**SERVER, "action": "read"}).split(".")
    forged = f"{header}.{sign(SERVER).split('.')[1]}.{signature}"
    check_error(send(client, "feed/user/1/", "post", token=forged), 401, 3)


def test_token_not_in_response(client):
    token = sign(SERVER, secret=OTHER_SECRET)
    assert token not in send(client, "feed/user/1/", token=token).content.decode()
    body = {"actor": "a", "verb": "v", "object": "o", "to": [f"nothing:1 {token}"]}
    response = call_api(client, "feed/user/1/", "post", body=body)
    check_error(response, 400, 6)
    assert token not in response.content.decode()


@pytest.mark.parametrize(
    "claims",
    [
        {"resource": "follower"},
        {"action": "write"},
        {"feed_id": "user2"},
        {"feed_id": ""},
        {"feed_id": ["user1"]},
        {"resource": None},
    ],
)
def test_insufficient_claims_refused(client, claims):
    good = {"resource": "feed", "action": "read", "feed_id": "user1"}
    assert call_api(client, "feed/user/1/", claims=good).status_code == 200
    body = check_error(call_api(client, "feed/user/1/", claims={**good, **claims}), 403, 17)
    assert body["detail"].startswith("You do not have permission to do this")


def test_claims_may_be_lists(client):
    claims = {"resource": "feed,follower", "action": "read,write", "feed_id": "user1,user2"}
    assert call_api(client, "feed/user/2/followers/", claims=claims).status_code == 200
    check_error(call_api(client, "feed/user/3/followers/", claims=claims), 403, 17)


def test_client_read_only_token_reads(client, stream):
    token = stream.feed("user", "1").get_readonly_token()
    assert send(client, "feed/user/1/", token=token).status_code == 200
    check_error(send(client, "feed/user/1/", "post", body=b"{}", token=token), 403, 17)


def test_group_name_that_begins_like_another(client):
    check_error(call_api(client, "feed/user/x1/"), 400, 4)
    assert call_api(client, "feed/userx/1/").status_code == 200

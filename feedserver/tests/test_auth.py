"""Who may call what."""

import base64
import time

import pytest
from stream.exceptions import ApiKeyException, SignatureException

from feedserver import conf
from feedserver.tests.calls import SERVER, ask, check, send, sign

pytestmark = pytest.mark.django_db

OTHER_SECRET = "another secret of more than thirty-two letters"


def encoded(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_an_unknown_key_and_a_foreign_signature_are_refused(stream):
    stream.api_key = "unknown"
    with pytest.raises(ApiKeyException):
        stream.users.get("ana")
    stream.api_key = conf.api_key()
    stream.users.token = sign(SERVER, secret=OTHER_SECRET)
    with pytest.raises(SignatureException):
        stream.users.get("ana")


def test_an_unknown_key_says_so(client):
    check(ask(client, "feed/user/1/", key="unknown"), 401, 2)


@pytest.mark.parametrize("name", ["FEEDSERVER_API_KEY", "FEEDSERVER_API_SECRET"])
def test_without_credentials_nobody_gets_in(client, settings, name):
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
def test_what_is_no_good_token_is_refused(client, forge):
    check(send(client, "feed/user/1/", token=forge()), 401, 3)


def test_claims_cannot_be_exchanged_under_a_signature(client):
    header, _, signature = sign({**SERVER, "action": "read"}).split(".")
    forged = f"{header}.{sign(SERVER).split('.')[1]}.{signature}"
    check(send(client, "feed/user/1/", "post", token=forged), 401, 3)


def test_the_token_is_never_repeated_in_the_answer(client):
    token = sign(SERVER, secret=OTHER_SECRET)
    assert token not in send(client, "feed/user/1/", token=token).content.decode()
    body = {"actor": "a", "verb": "v", "object": "o", "to": [f"nothing:1 {token}"]}
    answer = ask(client, "feed/user/1/", "post", body=body)
    check(answer, 400, 6)
    assert token not in answer.content.decode()


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
def test_a_token_made_out_for_something_else_is_not_enough(client, claims):
    good = {"resource": "feed", "action": "read", "feed_id": "user1"}
    assert ask(client, "feed/user/1/", claims=good).status_code == 200
    body = check(ask(client, "feed/user/1/", claims={**good, **claims}), 403, 17)
    assert body["detail"].startswith("You do not have permission to do this")


def test_claims_may_be_lists(client):
    claims = {"resource": "feed,follower", "action": "read,write", "feed_id": "user1,user2"}
    assert ask(client, "feed/user/2/followers/", claims=claims).status_code == 200
    check(ask(client, "feed/user/3/followers/", claims=claims), 403, 17)


@pytest.mark.parametrize("end", ["", "follows/", "following/", "followers/"])
@pytest.mark.parametrize("other", ["user/2", "user/11", "timeline/1"])
def test_a_pages_token_reads_no_other_feed(client, other, end):
    claims = {"resource": "*", "action": "read", "feed_id": "user1"}
    check(ask(client, f"feed/{other}/{end}", claims=claims), 403, 17)
    check(ask(client, f"enrich/feed/{other}/", claims=claims), 403, 17)


def test_the_clients_own_read_only_token_reads(client, stream):
    token = stream.feed("user", "1").get_readonly_token()
    assert send(client, "feed/user/1/", token=token).status_code == 200
    check(send(client, "feed/user/1/", "post", body=b"{}", token=token), 403, 17)


def test_a_feed_whose_group_begins_with_anothers_is_one_of_its_own(client):
    check(ask(client, "feed/user/x1/"), 400, 4)
    assert ask(client, "feed/userx/1/").status_code == 200

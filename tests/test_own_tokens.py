"""A user token owns the feeds of that person, and no collection with the same id."""

import pytest
from stream_django.client import stream_client

from feedserver.tests.calls import send

pytestmark = pytest.mark.django_db

ACTIVITY = b'{"actor": "SU:7", "verb": "post", "object": "target:1"}'


@pytest.mark.parametrize(
    ("group", "status"),
    [("user", 201), ("links", 201), ("follow", 201), ("timeline", 201), ("collection", 403)],
)
def test_user_token_opens_no_collection(client, group, status):
    token = stream_client.create_user_token("7")
    path = f"feed/{group}/7/"
    assert send(client, path, "post", body=ACTIVITY, token=token).status_code == status
    assert send(client, path, token=token).status_code == (403 if status == 403 else 200)


def test_user_token_follows_no_collection(client):
    token = stream_client.create_user_token("7")
    follow = {"body": b'{"target": "collection:7"}', "token": token}
    assert send(client, "feed/timeline/7/follows/", "post", **follow).status_code == 403

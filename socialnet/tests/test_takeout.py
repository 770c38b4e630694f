"""The download of a person's data."""

import io
import json
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import SuspendedUserFactory, UserFactory
from collections_app.tests.factories import CollectionFactory, ContentFactory
from follows.models import CollectionFollow, Follow
from messaging.tests.factories import MessageFactory

DOWNLOAD = reverse("download_data")


@pytest.fixture
def ana(db):
    return UserFactory(username="ana", name="Ana <b>Lopes</b>", email="ana@example.org")


def unpack(answer):
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def test_zip_has_persons_data(signed_in, ana):
    ContentFactory(collection__author=ana, collection__name="Typography", title="Fonts")
    other = MessageFactory(sender=UserFactory(), recipient=ana, body="Hello Ana").sender
    Follow.objects.follow(ana, other)
    files = unpack(signed_in(ana).get(DOWNLOAD))
    data = json.loads(files["everything.json"])
    assert data["profile"]["email"] == "ana@example.org"
    assert data["collections"][0]["links"][0]["title"] == "Fonts"
    assert data["messages"][0]["body"] == "Hello Ana"
    assert [row["followed__username"] for row in data["following"]] == [other.username]
    for text in ("Typography", "Fonts", "Hello Ana", "Ana &lt;b&gt;Lopes&lt;/b&gt;"):
        assert text in files["index.html"]
    assert "<DT><H3>Typography</H3>" in files["bookmarks.html"]


def test_zip_excludes_other_peoples_data(signed_in, ana):
    ContentFactory(title="Not mine")
    MessageFactory(body="Between others")
    MessageFactory(recipient=ana, body="Deleted by me", deleted_by_recipient=True)
    text = "".join(unpack(signed_in(ana).get(DOWNLOAD)).values())
    for secret in ("Not mine", "Between others", "Deleted by me"):
        assert secret not in text


def test_zip_excludes_hidden_data(signed_in, ana):
    suspended = SuspendedUserFactory(username="gone-astray")
    for pair in ((ana, suspended), (suspended, ana)):
        Follow.objects.create(follower=pair[0], followed=pair[1])
    hidden = CollectionFactory(name="Hidden since", hidden_at=timezone.now())
    CollectionFollow.objects.create(follower=ana, collection=hidden)
    read = {"read_at": timezone.now()}
    MessageFactory(sender=ana, body="Sent", **read)
    MessageFactory(recipient=ana, body="Received", **read)
    files = unpack(signed_in(ana).get(DOWNLOAD))
    for secret in ("gone-astray", "Hidden since"):
        assert secret not in "".join(files.values())
    messages = json.loads(files["everything.json"])["messages"]
    assert [(row["body"], "read_at" in row) for row in messages] == [
        ("Sent", False),
        ("Received", True),
    ]


@pytest.mark.parametrize("method", ["get", "head"])
def test_downloads_are_limited(signed_in, ana, method):
    download = getattr(signed_in(ana), method)
    for _number in range(10):
        assert download(DOWNLOAD).status_code == 200
    assert download(DOWNLOAD).status_code == 429

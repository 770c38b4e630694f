"""A person's data as one zip file: a page to read, JSON, and bookmarks for browsers."""

import json
import tempfile
import zipfile

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone

from collections_app import exports
from follows.models import CollectionFollow, Follow
from messaging.models import Message
from moderation.models import Report

MAX_BYTES_IN_MEMORY = 4 * 1024 * 1024


def write(person):
    """Return the zip as an open temporary file, positioned at its start."""
    data = gather(person)
    file = tempfile.SpooledTemporaryFile(max_size=MAX_BYTES_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", render_to_string("data/everything.html", data))
        archive.writestr("everything.json", json.dumps(data, cls=DjangoJSONEncoder, indent=1))
        lines = exports.as_bookmarks(exports.collections_of(person))
        archive.writestr("bookmarks.html", "\n".join(lines))
    file.seek(0)
    return file


def gather(person):
    """Return the person's data, ready for JSON; of others only what pages show this person."""
    return {
        "site": settings.SITE_URL,
        "made": timezone.now(),
        "profile": {
            "username": person.username,
            "name": person.name,
            "about": person.about,
            "email": person.email,
            "member_since": person.date_joined,
            "last_seen": person.last_seen,
        },
        "collections": [exports.as_data(row) for row in exports.collections_of(person)],
        "following": _rows(
            Follow.objects.of_visible_people().filter(follower=person), "followed__username"
        ),
        "followers": _rows(
            Follow.objects.by_visible_people().filter(followed=person), "follower__username"
        ),
        "followed_collections": _rows(
            CollectionFollow.objects.of_visible_collections().filter(follower=person),
            "collection__name",
            "collection__author__username",
        ),
        "blocked": _rows(person.blocks, "blocked__username"),
        "messages": _messages(person),
        "reports": list(
            Report.objects.filter(reporter=person)
            .order_by("id")
            .values("case__title", "reason", "note", "created_at")
        ),
    }


def _rows(rows, *fields):
    return list(rows.order_by("id").values(*fields, "created_at"))


def _messages(person):
    """Return sent and received messages; only received ones have the time they were read."""
    rows = Message.objects.visible_to(person).order_by("id")
    names = ("sender__username", "recipient__username", "body", "sent_at")
    sent = rows.filter(sender=person).values("id", *names)
    received = rows.filter(recipient=person).values("id", *names, "read_at")
    messages = sorted([*sent, *received], key=lambda row: row["id"])
    return [{name: row[name] for name in row if name != "id"} for row in messages]

"""Everything that one has here, in one zip: to read, for programs, and for browsers."""

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

IN_MEMORY = 4 * 1024 * 1024


def write(person):
    """Return an open file, at its start, that holds the zip; it is gone when it is closed."""
    data = gather(person)
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", render_to_string("data/everything.html", data))
        archive.writestr("everything.json", json.dumps(data, cls=DjangoJSONEncoder, indent=1))
        lines = exports.as_bookmarks(exports.collections_of(person))
        archive.writestr("bookmarks.html", "\n".join(lines))
    file.seek(0)
    return file


def gather(person):
    """Return all that is theirs, as JSON can hold it; of others what pages show them as well."""
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
    """Return what they wrote and got; when it was read is for them to know of what they got."""
    rows = Message.objects.visible_to(person).order_by("id")
    names = ("sender__username", "recipient__username", "body", "sent_at")
    wrote = rows.filter(sender=person).values("id", *names)
    got = rows.filter(recipient=person).values("id", *names, "read_at")
    found = sorted([*wrote, *got], key=lambda row: row["id"])
    return [{name: row[name] for name in row if name != "id"} for row in found]

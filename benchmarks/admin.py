"""Time of the admin's pages with 100 and with 100,000 rows: `python -m benchmarks.admin`.

The number is that of people, collections, links, follows, messages, notifications, outbox entries,
log entries of staff and rows of each table of the feed server. Requested are every change list,
with its filters and a search, one change form of each model, the index and the search over several
models. Filters match ten of the oldest hundred rows, the worst case for a scan that starts with the
newest. Figures are processor time of the site and, on PostgreSQL, of its connection's process, so
that other load on a shared machine matters little.
"""

import json
import sys
from datetime import UTC, datetime, timedelta

from benchmarks import runner

SIZES, ROUNDS = (100, 100_000), 7
# Loaded rows have primary keys from here on, above those that the site creates itself.
BASE = 1000
# All rows are from the last day, so that the filter "new" matches all of them.
STEP = timedelta(milliseconds=500)
FILTERS = [
    "accounts/user/?new=day",
    "accounts/user/?confirmed=no",
    "accounts/user/?suspended=yes",
    "accounts/user/?is_staff__exact=1",
    "accounts/user/?hosts=many",
    "accounts/user/?o=1",
    "collections_app/collection/?hidden=yes",
    "collections_app/collection/?o=-5",
    "collections_app/content/?hidden=yes",
    "collections_app/content/?host=host40.example",
    "collections_app/content/?hosts=many",
    "feeds/outboxentry/?state__exact=failed",
    "accounts/user/1007/history/",
    "feedserver/feed/?group=user",
    "follows/follow/?created_at__gte=2020-01-01+00:00:00Z",
]
SEARCHES = [
    "accounts/user/?q=person77",
    "accounts/user/?q=nobody+is+called+that",
    "collections_app/collection/?q=person77",
    "collections_app/collection/?q=no+such+word",
    "collections_app/content/?q=person77",
    "collections_app/content/?q=no+such+word",
    "follows/follow/?q=person77",
    "follows/collectionfollow/?q=person77",
    "messaging/message/?q=person77",
    "notifications/notification/?q=person77",
    "feeds/outboxentry/?q=user:1077",
    "feedserver/feed/?q=1077",
    "feedserver/follow/?q=user:1077",
    "feedserver/activitygroup/?q=1077",
    "feedserver/feedentry/?q=target:77",
    "feedserver/streamobject/?q=collections:1077",
    "moderation/logrecord/?q=person77",
    "moderation/case/?q=person77",
    "search/?q=person77",
    "search/?q=no+such+word",
]


def measure():
    runner.set_up()
    from django.contrib.auth import get_user_model
    from django.test import Client

    root = get_user_model().objects.create_superuser("root", "root@example.org", "password")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(root)
    taken, start = {}, 0
    for size in SIZES:
        fill(range(start, size), root)
        start = size
        runner.analyze()
        for path in pages():
            taken.setdefault(path, []).append(measure_page(client, path))
    print(
        f"{'ms of work (queries)':48}" + "".join(f"{size:>14,}" for size in SIZES) + f"{'ratio':>8}"
    )
    for path, figures in taken.items():
        cells = "".join(f"{ms:8.1f} ({queries:3})" for ms, queries in figures)
        print(f"{path or 'the first page':48}{cells}{figures[-1][0] / figures[0][0]:8.2f}")
    print(f"runner.speed {runner.speed():.1f} ms", flush=True)


def pages():
    """Return the path of every page, relative to /admin/."""
    from django.contrib import admin

    lists, rows = [], []
    for model in admin.site._registry:
        path = f"{model._meta.app_label}/{model._meta.model_name}/"
        lists.append(path)
        for row in model.objects.order_by("pk")[1:2]:  # the same row at each size
            rows.append(f"{path}{row.pk}/change/")
    return ["", *sorted(lists), *FILTERS, *SEARCHES, *sorted(rows)]


def measure_page(client, path):
    """Return (median milliseconds of processor time, number of queries)."""

    def request():
        answer = client.get(f"/admin/{path}")
        assert answer.status_code == 200, (path, answer)

    request()
    taken = []
    for _ in range(ROUNDS):
        before = runner.processor_time()
        request()
        taken.append((runner.processor_time() - before) * 1000)
    return runner.p50(taken), runner.count_queries(request)


def fill(numbers, root):
    """Load one row of each table for each of `numbers`; a higher number is a newer row."""
    for model, columns, row in tables(root):
        runner.load(model, columns, (row(number) for number in numbers))


def moment(number):
    return datetime.now(UTC) - STEP * (SIZES[-1] - number)


def rare(number, value, otherwise):
    """Return `value` for ten of the oldest hundred numbers."""
    return value if number < SIZES[0] and number % 10 == 7 else otherwise


def host(number):
    """Return a host: unique, except that 100 of every 5,000 links share one per 40 links."""
    return f"host{number // 40 * 40 if number % 5000 < 100 else number}.example"


def tables(root):
    """Return (model, columns, function that returns the row of a number) for every table."""
    return [*tables_of_site(root), *tables_of_feed_server()]


def tables_of_site(root):
    from django.contrib.admin.models import LogEntry
    from django.contrib.auth import get_user_model
    from django.contrib.contenttypes.models import ContentType

    from collections_app.models import Collection, Content
    from feeds.models import OutboxEntry
    from follows.models import CollectionFollow, Follow
    from messaging.models import Message
    from notifications.models import Notification

    Person = get_user_model()  # noqa: N806
    content_type = ContentType.objects.get_for_model(Person).pk
    return [
        (
            Person,
            [
                "id",
                "username",
                "email",
                "name",
                "about",
                "password",
                "is_active",
                "is_staff",
                "is_superuser",
                "date_joined",
                "confirmed_at",
                "suspended_at",
                "suspension_reason",
                "follower_count",
            ],
            lambda n: (
                BASE + n,
                f"person{n}",
                f"person{n}@example.org",
                f"Person number {n}",
                "",
                "!",
                True,
                False,
                False,
                moment(n),
                rare(n, None, moment(n)),
                rare(n + 1, moment(n), None),
                "",
                n % 50,
            ),
        ),
        (
            Collection,
            [
                "id",
                "author_id",
                "name",
                "description",
                "created_at",
                "last_added_at",
                "follower_count",
                "stream_id",
                "hidden_at",
                "hidden_reason",
            ],
            lambda n: (
                BASE + n,
                BASE + n,
                f"Collection {n}",
                f"What there is to read about {n}.",
                moment(n),
                moment(n),
                n % 50,
                "",
                rare(n, moment(n), None),
                "",
            ),
        ),
        (
            Content,
            [
                "id",
                "collection_id",
                "url",
                "url_key",
                "host",
                "title",
                "description",
                "created_at",
                "stream_id",
                "hidden_at",
                "hidden_reason",
            ],
            lambda n: (
                BASE + n,
                BASE + n // 20 * 20,  # twenty links in every twentieth collection
                f"https://{host(n)}/{n}",
                f"{n:064}",
                host(n),
                f"Link {n}",
                "Worth reading.",
                moment(n),
                "",
                rare(n, moment(n), None),
                "",
            ),
        ),
        (
            Follow,
            ["id", "follower_id", "followed_id", "is_self", "created_at"],
            lambda n: (BASE + n, BASE + n, BASE + (n // 2 if n else 1), False, moment(n)),
        ),
        (
            CollectionFollow,
            ["id", "follower_id", "collection_id", "is_self", "created_at"],
            lambda n: (BASE + n, BASE + n, BASE + (n // 2 if n else 1), False, moment(n)),
        ),
        (
            Message,
            [
                "id",
                "sender_id",
                "recipient_id",
                "body",
                "sent_at",
                "deleted_by_sender",
                "deleted_by_recipient",
            ],
            lambda n: (
                BASE + n,
                BASE + n,
                BASE + n // 2 if n else None,
                "A message.",
                moment(n),
                False,
                False,
            ),
        ),
        (
            Notification,
            ["id", "user_id", "name", "payload", "timestamp"],
            lambda n: (BASE + n, BASE + n, "unread_message_count", "1", moment(n).timestamp()),
        ),
        (
            OutboxEntry,
            [
                "id",
                "operation",
                "subject",
                "key",
                "details",
                "state",
                "attempts",
                "due_at",
                "error",
                "created_at",
                "delivered_at",
                "destination",
            ],
            lambda n: (
                BASE + n,
                "set_user",
                f"accounts.User:{BASE + n}",
                f"user:{BASE + n}",
                "{}",
                rare(n, "failed", "delivered"),
                1,
                moment(n),
                "",
                moment(n),
                rare(n, None, moment(n)),
                "embedded",
            ),
        ),
        (
            LogEntry,
            [
                "id",
                "action_time",
                "user_id",
                "content_type_id",
                "object_id",
                "object_repr",
                "action_flag",
                "change_message",
            ],
            lambda n: (
                BASE + n,
                moment(n),
                root.pk,
                content_type,
                str(BASE + n),
                f"person{n}",
                2,
                "Suspended: Spam.",
            ),
        ),
    ]


def tables_of_feed_server():
    from feedserver.ids import id_of_foreign_id
    from feedserver.models import (
        Activity,
        ActivityGroup,
        Feed,
        FeedEntry,
        Follow,
        StreamObject,
        StreamUser,
    )

    start, step = datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=1)

    def activity_id(n):
        return id_of_foreign_id(f"target:{n}", start + step * n).hex

    data = json.dumps({"name": "A name"})
    return [
        (
            Feed,
            ["id", "slug", "user_id", "created_at"],
            lambda n: (BASE + n, "user", str(BASE + n), moment(n)),
        ),
        (
            Activity,
            ["id", "actor", "verb", "object", "target", "foreign_id", "time", "to", "data"],
            lambda n: (
                activity_id(n),
                f"SU:{n}",
                "post",
                f"SO:collections:{n}",
                "",
                f"target:{n}",
                start + step * n,
                "[]",
                data,
            ),
        ),
        (
            ActivityGroup,
            ["id", "feed_id", "name", "newest", "oldest", "activity_count", "actor_count"],
            lambda n: (BASE + n, BASE + n, "day", activity_id(n), activity_id(n), 1, 1),
        ),
        (
            FeedEntry,
            ["id", "feed_id", "activity_id", "origin_id", "group_id"],
            lambda n: (BASE + n, BASE + n, activity_id(n), BASE + n, BASE + n),
        ),
        (
            Follow,
            ["id", "source_id", "target_id", "created_at", "updated_at"],
            lambda n: (BASE + n, BASE + n, BASE + (n // 2 if n else 1), moment(n), moment(n)),
        ),
        (
            StreamUser,
            ["id", "data", "created_at", "updated_at"],
            lambda n: (str(BASE + n), data, moment(n), moment(n)),
        ),
        (
            StreamObject,
            ["id", "collection", "object_id", "data", "created_by", "created_at", "updated_at"],
            lambda n: (BASE + n, "collections", str(BASE + n), data, "", moment(n), moment(n)),
        ),
    ]


if __name__ == "__main__":
    measure() if "--here" in sys.argv else runner.run_everywhere("benchmarks.admin")

"""How long the admin's pages take at 100 and at 100,000 rows: `python -m benchmarks.admin`.

People, collections, links, follows, messages, notifications, outbox entries, acts of staff and the
rows of the feed server: so many of each. Asked are every list, with its filters and a search, one
page of a row of each, the first page and the search over all. What filters look for are ten of
the oldest hundred rows, which is hard on whoever goes through a list from its newest row on.
Told is the work, not the waiting: processor time of the site and, on PostgreSQL, of the process of
its connection, so that neighbours on a shared machine count for little.
"""

import json
import sys
from datetime import UTC, datetime, timedelta

from benchmarks import runner

SIZES, TIMES = (100, 100_000), 7
# Where the numbers of what is loaded start; what the site makes itself comes before.
FIRST = 1000
# All of it came within the last day, so that "new" is everything.
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
            taken.setdefault(path, []).append(time_of(client, path))
    print(
        f"{'ms of work (queries)':48}" + "".join(f"{size:>14,}" for size in SIZES) + f"{'ratio':>8}"
    )
    for path, figures in taken.items():
        cells = "".join(f"{ms:8.1f} ({queries:3})" for ms, queries in figures)
        print(f"{path or 'the first page':48}{cells}{figures[-1][0] / figures[0][0]:8.2f}")
    print(f"runner.speed {runner.speed():.1f} ms", flush=True)


def pages():
    """Return the address of every page that is asked for, from /admin/ on."""
    from django.contrib import admin

    lists, rows = [], []
    for model in admin.site._registry:
        path = f"{model._meta.app_label}/{model._meta.model_name}/"
        lists.append(path)
        for row in model.objects.order_by("pk")[1:2]:  # the same one at each size
            rows.append(f"{path}{row.pk}/change/")
    return ["", *sorted(lists), *FILTERS, *SEARCHES, *sorted(rows)]


def time_of(client, path):
    def ask():
        answer = client.get(f"/admin/{path}")
        assert answer.status_code == 200, (path, answer)

    ask()
    taken = []
    for _ in range(TIMES):
        before = runner.worked()
        ask()
        taken.append((runner.worked() - before) * 1000)
    return runner.p50(taken), runner.queries_of(ask)


def fill(numbers, root):
    """Load one row of each kind for each of `numbers`; a higher number is a newer row."""
    for model, columns, row in tables(root):
        runner.load(model, columns, (row(number) for number in numbers))


def moment(number):
    return datetime.now(UTC) - STEP * (SIZES[-1] - number)


def rare(number, value, otherwise):
    return value if number < SIZES[0] and number % 10 == 7 else otherwise


def host(number):
    """Return a host of its own, but for a hundred of every 5,000 links: forty to one host there."""
    return f"host{number // 40 * 40 if number % 5000 < 100 else number}.example"


def tables(root):
    """Return (model, columns, function that makes the row of a number) for every table."""
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
    kind = ContentType.objects.get_for_model(Person).pk
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
                FIRST + n,
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
                FIRST + n,
                FIRST + n,
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
                FIRST + n,
                FIRST + n // 20 * 20,  # twenty links in every twentieth collection
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
            lambda n: (FIRST + n, FIRST + n, FIRST + (n // 2 if n else 1), False, moment(n)),
        ),
        (
            CollectionFollow,
            ["id", "follower_id", "collection_id", "is_self", "created_at"],
            lambda n: (FIRST + n, FIRST + n, FIRST + (n // 2 if n else 1), False, moment(n)),
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
                FIRST + n,
                FIRST + n,
                FIRST + n // 2 if n else None,
                "A message.",
                moment(n),
                False,
                False,
            ),
        ),
        (
            Notification,
            ["id", "user_id", "name", "payload", "timestamp"],
            lambda n: (FIRST + n, FIRST + n, "unread_message_count", "1", moment(n).timestamp()),
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
                FIRST + n,
                "set_user",
                f"accounts.User:{FIRST + n}",
                f"user:{FIRST + n}",
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
                FIRST + n,
                moment(n),
                root.pk,
                kind,
                str(FIRST + n),
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

    def identity(n):
        return id_of_foreign_id(f"target:{n}", start + step * n).hex

    data = json.dumps({"name": "A name"})
    return [
        (
            Feed,
            ["id", "slug", "user_id", "created_at"],
            lambda n: (FIRST + n, "user", str(FIRST + n), moment(n)),
        ),
        (
            Activity,
            ["id", "actor", "verb", "object", "target", "foreign_id", "time", "to", "data"],
            lambda n: (
                identity(n),
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
            lambda n: (FIRST + n, FIRST + n, "day", identity(n), identity(n), 1, 1),
        ),
        (
            FeedEntry,
            ["id", "feed_id", "activity_id", "origin_id", "group_id"],
            lambda n: (FIRST + n, FIRST + n, identity(n), FIRST + n, FIRST + n),
        ),
        (
            Follow,
            ["id", "source_id", "target_id", "created_at", "updated_at"],
            lambda n: (FIRST + n, FIRST + n, FIRST + (n // 2 if n else 1), moment(n), moment(n)),
        ),
        (
            StreamUser,
            ["id", "data", "created_at", "updated_at"],
            lambda n: (str(FIRST + n), data, moment(n), moment(n)),
        ),
        (
            StreamObject,
            ["id", "collection", "object_id", "data", "created_by", "created_at", "updated_at"],
            lambda n: (FIRST + n, "collections", str(FIRST + n), data, "", moment(n), moment(n)),
        ),
    ]


if __name__ == "__main__":
    measure() if "--here" in sys.argv else runner.run_everywhere("benchmarks.admin")

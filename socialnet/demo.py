"""The demo people and what they collected, made once and removed without a trace."""

from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.roles import MODERATORS, group
from accounts.services import confirm, delete_person
from collections_app.models import Collection, Content
from collections_app.services import add_link, create_collection
from feeds.delivery import deliver_pending
from feeds.marks import mark_all_read, mark_all_seen
from feeds.models import OutboxEntry
from follows.models import CollectionFollow, Follow
from messaging.models import Message
from messaging.services import mark_read, send
from moderation.models import Case, Report
from moderation.services import notify_staff, report
from rate_limits.limits import LimitExceeded
from socialnet.demo_data import COLLECTIONS, MESSAGES, MODERATOR, PEOPLE, REPORTS

# Nobody can confirm an address of this domain (RFC 2606), so it marks the demo's people.
EMAIL_DOMAIN = "@demo.invalid"
# How long ago they signed up: before the first of their collections.
JOINED = timedelta(days=40)


def people():
    return get_user_model().objects.filter(email__endswith=EMAIL_DOMAIN)


def moderator_username():
    return MODERATOR


@transaction.atomic
def make_person(*, username, name, about, password):
    """Return the demo person `username`, made if there is none; None if the name is taken.

    `password` is hashed already: to hash one password for each would take seconds.
    """
    existing = get_user_model().objects.named(username).first()
    if existing:
        return existing if existing.email.endswith(EMAIL_DOMAIN) else None
    person = get_user_model().objects.create(
        username=username,
        email=f"{username}{EMAIL_DOMAIN}",
        name=name,
        about=about,
        password=password,
        date_joined=timezone.now() - JOINED,
    )
    confirm(person)
    if username == MODERATOR:
        person.groups.add(group(MODERATORS))
    return person


def make_people():
    """Return the demo people by username; a name that somebody else has is left to them."""
    password = make_password(settings.DEMO_PASSWORD)
    made = {
        username: make_person(username=username, name=name, about=about, password=password)
        for username, name, about in PEOPLE
    }
    return {username: person for username, person in made.items() if person}


def make_collection(*, author, name, description, links, age):
    """Make one collection `age` days old, with its links spread over the time since then.

    Returns the number of links that it did not have yet.
    """
    started = timezone.now() - timedelta(days=age)
    collection = Collection.objects.filter(author=author, name=name).first()
    with transaction.atomic():
        collection = collection or create_collection(
            author=author, name=name, description=description, created_at=started
        )
    present = set(collection.contents.values_list("url", flat=True))
    missing = [row for row in enumerate(links) if row[1][0] not in present]
    step = timedelta(days=age) / (len(links) + 1)
    for position, (url, title, about) in missing:
        add_link(
            collection=collection,
            url=url,
            title=title,
            description=about,
            created_at=started + step * (position + 1),
        )
    return len(missing)


def collections():
    """Yield each collection of the demo with its age in days: from five weeks down to one day."""
    for position, (author, name, description, links) in enumerate(COLLECTIONS):
        # A step that is prime to their number mixes the authors in time.
        age = 1 + 34 * ((position * 7) % len(COLLECTIONS)) / (len(COLLECTIONS) - 1)
        yield author, name, description, links, age


def make_follows(made):
    """Let the demo people (by username) follow each other and their collections.

    Over three weeks, so that timelines and notifications have a past; all of that counts as seen.
    Then two follow the first of them, and one each of two of her collections: three
    notifications to look at. Returns how many follows there were not yet.
    """
    people, now = list(made.values()), timezone.now()
    news = todays_follows(people)
    pairs = [
        (Follow, person, people[(position + step) % len(people)], 21 - position - step)
        for position, person in enumerate(people)
        for step in (1, 2, 4)
    ]
    owned = Collection.objects.filter(author__in=people).select_related("author").order_by("id")
    pairs += [
        (CollectionFollow, people[(position * 3 + 1) % len(people)], collection, 1 + position % 12)
        for position, collection in enumerate(owned)
    ]
    count = sum(
        _follow(model, person, target, now - timedelta(days=age, hours=3))
        for model, person, target, age in pairs
        if (model, person, target) not in news
    )
    deliver_pending()
    if count and settings.FEEDS_EMBEDDED:
        for person in people:
            mark_all_seen(str(person.pk))
            mark_all_read(str(person.pk))
    moment = now - timedelta(hours=1)
    return count + sum(_follow(*follow, moment) for follow in news)


def make_messages(made):
    """Let the demo people (by username) write to each other; return how many messages are new.

    All are read but those of today.
    """
    now, count = timezone.now(), 0
    for sender, recipient, hours, body in MESSAGES:
        pair = {"sender": made.get(sender), "recipient": made.get(recipient)}
        if None in pair.values() or Message.objects.filter(**pair, body=body).exists():
            continue
        try:
            message = send(**pair, body=body, sent_at=now - timedelta(hours=hours))
        except PermissionDenied:  # somebody tried out what a block or a suspension does
            continue
        if hours > 24:
            mark_read(Message.objects.filter(pk=message.pk), reader=pair["recipient"])
        count += 1
    return count


def make_reports(made):
    """Let the demo people (by username) report links of others; return how many reports are new."""
    count = 0
    for username, title, reason, note in REPORTS:
        reporter = made.get(username)
        link = (
            Content.objects.visible().filter(title=title, collection__author__in=people()).first()
        )
        if None in (reporter, link) or Report.objects.filter(reporter=reporter, note=note).exists():
            continue
        try:
            report(reporter=reporter, target=link, reason=reason, note=note)
        except LimitExceeded:  # somebody tried out how many are too many
            continue
        count += 1
    return count


def todays_follows(people):
    first, *others = people
    collections = Collection.objects.filter(author=first).order_by("id")
    mine = [row for row in (collections.first(), collections.last()) if row]
    news = [(Follow, person, first) for person in others[-2:]]
    return news + [
        (CollectionFollow, person, row) for person, row in zip(others, mine, strict=False)
    ]


def _follow(model, person, target, moment):
    if person == getattr(target, "author", target):
        return False
    return model.objects.follow(person, target, created_at=moment)


def remove():
    """Remove the demo people, all that is theirs, and every trace in outbox and feed server.

    What their moderator did stays in the log of staff, for that is its nature. Returns how many
    people there were. What Stream could not be told stays pending in the outbox.
    """
    removed = list(people())
    ids = [str(person.pk) for person in removed]
    owned = Collection.objects.filter(author__in=removed).values_list("pk", flat=True)
    personal = ("user", "links", "follow", "timeline", "notification")
    feeds = {**dict.fromkeys(personal, ids), "collection": [str(pk) for pk in owned]}
    Case.objects.filter(author__in=removed).delete()
    for person in removed:
        delete_person(person)
    notify_staff()
    deliver_pending()
    forget(feeds)
    return len(removed)


@transaction.atomic
def forget(feeds):
    """Delete what is still written down about `feeds`, a dictionary of group and feed ids."""
    keys = [f"{group_name}:{pk}" for group_name, ids in feeds.items() for pk in ids]
    OutboxEntry.objects.filter(key__in=keys, state=OutboxEntry.State.DELIVERED).delete()
    LogEntry.objects.filter(
        Q(content_type__model="user", object_id__in=feeds["user"])
        | Q(content_type__model="collection", object_id__in=feeds["collection"])
    ).delete()
    if apps.is_installed("feedserver"):
        for group_name, ids in feeds.items():
            feeds_of_group = apps.get_model("feedserver.Feed").objects.filter(slug=group_name)
            feeds_of_group.filter(user_id__in=ids).delete()

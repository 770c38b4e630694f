"""Random damage to the tables of the feed server, as a broken disk or a bad script does it."""

from datetime import timedelta
from functools import partial

from django.db import IntegrityError, transaction

from feedserver import ids
from feedserver.models import (
    Activity,
    ActivityGroup,
    Feed,
    FeedEntry,
    Follow,
    StreamObject,
    StreamUser,
)

FLAT = ("user", "collection", "links", "follow")
COLLECTING = ("timeline", "notification")


def damage(random):
    """Damage one row; return a description, or None if the database refused it."""
    action = random.choice(ACTIONS)
    try:
        with transaction.atomic():
            return action(random)
    except (IntegrityError, IndexError):  # invalid, or no row is left
        return None


def pick(random, rows):
    return random.choice(list(rows.order_by("pk")))


def delete(model, random):
    row = pick(random, model.objects)
    description = f"deleted {model.__name__} {row}"
    row.delete()
    return description


def double_activity(random):
    """Add a copy of an activity, under another id, to some of its feeds."""
    row = pick(random, Activity.objects)
    entries = list(row.entries.all())
    moment = row.time + timedelta(seconds=random.choice([-1, 1]))
    name = row.foreign_id
    row.pk = random.choice([ids.fresh_id(moment), ids.id_of_foreign_id(name, moment)])
    row.time = random.choice([row.time, moment])
    row.save(force_insert=True)
    for entry in random.sample(entries, random.randint(1, len(entries))):
        entry.pk, entry.activity = None, row
        entry.save()
    return f"doubled Activity {name}"


def double_entry(random):
    """Add an activity to another feed, or to the same one with another origin."""
    entry = pick(random, FeedEntry.objects)
    entry.pk = None
    if random.random() < 0.5:
        entry.feed = pick(random, Feed.objects)
    entry.origin = random.choice([entry.feed, pick(random, Feed.objects.filter(slug__in=FLAT))])
    entry.group = None
    if entry.feed.slug in COLLECTING:
        entry.group = pick(random, ActivityGroup.objects.filter(feed=entry.feed))
    entry.save()
    return f"doubled FeedEntry {entry.feed} {entry.activity} from {entry.origin}"


def double_follow(random):
    source = pick(random, Feed.objects.filter(slug__in=COLLECTING))
    target = pick(random, Feed.objects.filter(slug__in=FLAT))
    Follow.objects.create(source=source, target=target)
    return f"doubled Follow {source} -> {target}"


def change_activity(random):
    row = pick(random, Activity.objects)
    other = pick(random, Activity.objects)
    field = random.choice(["actor", "verb", "object", "target", "foreign_id", "time", "to", "data"])
    changed = {
        "time": row.time + timedelta(days=random.randint(-3, 3), seconds=1),
        "target": "SU:0",
        "to": random.choice([[], other.to, ["links:999", *row.to]]),
        "data": random.choice([{}, {**row.data, "title": "?"}, {**row.data, "more": 1}]),
    }
    value = changed.get(field, getattr(other, field))
    Activity.objects.filter(pk=row.pk).update(**{field: value})
    return f"changed Activity {row.foreign_id}: {field} = {value}"


def change_entry(random):
    row = pick(random, FeedEntry.objects)
    changed = {
        "feed": Feed.objects.filter(slug=row.feed.slug),
        "origin": Feed.objects.filter(slug__in=FLAT),
        "activity": Activity.objects,
        "group": ActivityGroup.objects.filter(feed=row.feed),
    }
    field = random.choice(list(changed))
    value = pick(random, changed[field])
    FeedEntry.objects.filter(pk=row.pk).update(**{field: value})
    return f"changed FeedEntry {row.feed} {row.activity}: {field} = {value}"


def change_follow(random):
    row = pick(random, Follow.objects)
    target = pick(random, Feed.objects.filter(slug__in=FLAT))
    Follow.objects.filter(pk=row.pk).update(target=target)
    return f"changed Follow {row.source} -> {row.target}: {target}"


def change_record(model, random):
    row = pick(random, model.objects)
    data = random.choice([{}, {"name": "?"}, {**row.data, "more": 1}])
    model.objects.filter(pk=row.pk).update(data=data)
    return f"changed {model.__name__} {row}"


def change_group(random):
    row = pick(random, ActivityGroup.objects)
    other = pick(random, Activity.objects)
    changed = {
        "activity_count": random.randint(1, 9),
        "actor_count": random.randint(1, 4),
        "newest": other.pk,
        "oldest": other.pk,
        "name": "other",
    }
    field = random.choice(list(changed))
    ActivityGroup.objects.filter(pk=row.pk).update(**{field: changed[field]})
    return f"changed ActivityGroup {row.feed} {row}: {field} = {changed[field]}"


ACTIONS = [
    *(
        partial(delete, model)
        for model in (Activity, FeedEntry, FeedEntry, Follow, ActivityGroup, Feed)
    ),
    *(partial(delete, model) for model in (StreamUser, StreamObject)),
    *(partial(change_record, model) for model in (StreamUser, StreamObject)),
    double_activity,
    double_entry,
    double_follow,
    change_activity,
    change_entry,
    change_follow,
    change_group,
]

"""Mending what `check_feeds` found: by entries of the outbox, as everything that Stream is told."""

from django.apps import apps
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from feeds import asking, feed_mapping
from feeds.answers import gone_is_done, tell
from feeds.copies import belongs
from feeds.feed_mapping import FeedName, subject_of

# Differences of one feed that one entry mends.
PART = 100


def mend(differences, owner):
    """Queue what mends differences of what `owner` (a row) owns; return how many there are."""
    rows = {}
    for operation, row in (pair for one in differences for pair in one.row_remedies):
        rows.setdefault((operation, subject_of(row)), row)
    for start in range(0, len(differences), PART):
        _mend_feeds(differences[start : start + PART], owner)
    for (operation, _subject), row in rows.items():
        ROW_REMEDIES[operation](row)
    return len(differences)


def _mend_feeds(differences, owner):
    feeds = {}
    for one in differences:
        if one.feed_remedies:
            feeds.setdefault(one.where, []).append(one.feed_remedies)
    for name, remedies in feeds.items():
        feed_manager.mended(name, _merge(remedies), subject=owner)


def _merge(remedies):
    """Return what is to be done to a feed, each once, following as far back as anything asks."""
    removed, cleared, unfollowed, added, followed = {}, {}, {}, {}, {}
    for one in remedies:
        removed |= dict(one.get("remove", ()))
        cleared |= dict.fromkeys(one.get("clear", ()))
        unfollowed |= dict.fromkeys(one.get("unfollow", ()))
        added |= dict.fromkeys(one.get("add", ()))
        for target, limit in one.get("follow", ()):
            followed[target] = max(limit, followed.get(target, 0))
    return {
        "remove": [list(pair) for pair in removed.items()],
        "clear": list(cleared),
        "unfollow": list(unfollowed),
        "add": list(added),
        "follow": [list(pair) for pair in followed.items()],
    }


ROW_REMEDIES = {
    "add": lambda row: feed_manager.saved(row, created=True),
    "update": lambda row: feed_manager.saved(row, created=False),
    "set_targets": feed_manager.readdressed,
    "set_user": feed_manager.set_user,
    "delete_user": feed_manager.delete_user,
    "set_object": feed_manager.set_object,
    "delete_object": feed_manager.delete_object,
}


def mend_feed(entry, step):
    """Take out of a feed what no row accounts for, empty groups of it, end and begin follows.

    Each is looked at again now: what has changed since the check is left as it is. `details` keep
    what is left to do. What is in the wrong place is taken out before its row brings it back.
    """
    feed = FeedName(*entry.key.split(":", 1))
    follows = feed_mapping.expected_follows(feed)
    for name, mend_one in MENDING.items():
        while left := entry.details.get(name):
            if mend_one(feed, follows, left[0], step) is not False:
                entry.details = {**entry.details, name: left[1:]}
            if step.is_over:
                return not any(entry.details.values())
    return True


def _remove(feed, follows, stray, step):
    """Take out an activity, by its id, unless a row accounts for it; without a name in any case."""
    activity_id, foreign_id = stray
    row = feed_mapping.rows_by_foreign_id([foreign_id]).get(foreign_id)
    if row and belongs(row, feed, follows):
        known = asking.named([feed_mapping.activity_of(row)]).get(foreign_id)
        if known and known["id"] == activity_id:
            return
    with gone_is_done():
        tell(feed_manager.get_feed(*feed).remove_activity, activity_id)


def _clear(feed, follows, name, step):
    """Take out what is shown of a group; return False while there is more, or that uncovers it."""
    shown = _shown(feed, name, step)
    for activity_id in shown:
        with gone_is_done():
            tell(feed_manager.get_feed(*feed).remove_activity, activity_id)
        if step.is_over:
            return False
    return _shown(feed, name, step) in ([], shown)


def _shown(feed, name, step):
    """Return the ids of the activities that are shown of a group."""
    for page, _is_last in asking.pages(feed):
        step.go_on()
        for result in page:
            if result["group"] == name:
                return [activity["id"] for activity in result["activities"]]
    return []


def _unfollow(feed, follows, target, step):
    if target not in follows:
        pair = {"source": str(feed), "target": target}
        tell(stream_client.unfollow_many, [pair])


def _follow(feed, follows, follow, step):
    """Follow anew, keeping what came before: so what is lacking is copied, and all is counted."""
    target, limit = follow
    if target in follows:
        pair = {"source": str(feed), "target": target}
        tell(stream_client.unfollow_many, [{**pair, "keep_history": True}])
        tell(stream_client.follow_many, [pair], limit)


def _add(feed, follows, foreign_id, step):
    """Have the row of an activity that is addressed to the feed bring it back."""
    rows = feed_mapping.belongs_on([(str(feed), foreign_id)]).values()
    feed_manager.saved_many(rows, at_once=False)


MENDING = {
    "remove": _remove,
    "clear": _clear,
    "unfollow": _unfollow,
    "add": _add,
    "follow": _follow,
}


def set_targets(entry, step):
    """Address the activity of a row to exactly the feeds that it should be addressed to."""
    label, _, pk = entry.subject.partition(":")
    row = apps.get_model(label)._base_manager.filter(pk=pk).first()
    if row and row.activity_is_public:
        activity = feed_mapping.activity_of(row)
        feed = FeedName(*entry.key.split(":", 1))
        readdress = feed_manager.get_feed(*feed).update_activity_to_targets
        named = (activity["foreign_id"], activity["time"])
        tell(readdress, *named, new_targets=activity.get("to", []))

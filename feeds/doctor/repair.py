"""Repair of the differences that `check_feeds` found: by entries of the outbox, like all writes."""

from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from feeds import feed_mapping
from feeds.doctor.expected import belongs
from feeds.feed_mapping import subject_of
from feeds.managers import Message
from feeds.outbox.entries import enqueue
from feeds.outbox.operations import handles, parse_feed
from feeds.stream import api
from feeds.stream.errors import call, ignore_missing


def repair(differences, owner):
    """Queue the repair of differences that belong to the row `owner`; return the entries' keys."""
    messages, fixes = {}, {}
    for difference in differences:
        if difference.feed_fixes:
            fixes.setdefault(difference.where, []).extend(difference.feed_fixes)
        if difference.row_fix:
            operation, row = difference.row_fix
            messages[operation, subject_of(row)] = feed_manager.message(operation, row)
    repairs = [Message("mend_feed", owner, feed, _merge(fixes[feed])) for feed in fixes]
    # Each in a transaction of its own, with its own share of inline delivery.
    return {entry.pk for message in [*repairs, *messages.values()] for entry in enqueue([message])}


def _merge(fixes):
    """Return `fixes` as details of an entry, each once, with the longest history of a follow."""
    details = {operation: {} for operation in REPAIRS}
    for operation, name, *arguments in fixes:
        before = details[operation].get(name, arguments)
        details[operation][name] = max(before, arguments)
    return {
        operation: [[name, *arguments] if arguments else name for name, arguments in items.items()]
        for operation, items in details.items()
    }


@handles("mend_feed")
def repair_feed(entry, step):
    """Remove unexpected activities of a feed, clear groups, and end, begin and renew follows.

    Each fix is checked again now: what has changed since the comparison is left as it is. `details`
    keep what is left to do. Activities in the wrong place are removed before their rows add them.
    """
    feed = parse_feed(entry.key)
    follows = feed_mapping.expected_follows(feed)
    for operation, fix in REPAIRS.items():
        while items := entry.details.get(operation):
            if fix(feed, follows, items[0], step) is not False:
                entry.details = {**entry.details, operation: items[1:]}
            if step.is_over:
                return not any(entry.details.values())
    return True


def _remove(feed, follows, activity, step):
    """Remove an activity by its id, unless a row explains it; in any case without a foreign id."""
    activity_id, foreign_id = activity
    row = feed_mapping.rows_by_foreign_id([foreign_id]).get(foreign_id)
    if row and belongs(row, feed, follows):
        known = api.find_activities([feed_mapping.activity_of(row)]).get(foreign_id)
        if known and known["id"] == activity_id:
            return
    _remove_by_id(feed, activity_id)


def _remove_by_id(feed, activity_id):
    with ignore_missing():
        call(feed_manager.get_feed(*feed).remove_activity, activity_id)


def _clear(feed, follows, name, step):
    """Remove the activities shown of a group; return False while others come to light."""
    shown = _shown(feed, name, step)
    for activity_id in shown:
        _remove_by_id(feed, activity_id)
        if step.is_over:
            return False
    return _shown(feed, name, step) in ([], shown)


def _shown(feed, name, step):
    """Return the ids of the activities shown of a group."""
    for page, _is_last in api.pages(feed):
        step.check_claim()
        for result in page:
            if result["group"] == name:
                return [activity["id"] for activity in result["activities"]]
    return []


def _unfollow(feed, follows, target, step):
    if target not in follows:
        call(stream_client.unfollow_many, [{"source": str(feed), "target": target}])


def _add(feed, follows, foreign_id, step):
    """Queue the row of an activity that is addressed to the feed."""
    rows = feed_mapping.belongs_on([(str(feed), foreign_id)]).values()
    feed_manager.saved_many(rows, at_once=False)


def _follow(feed, follows, follow, step):
    """Follow again, and keep the activities: this copies what is missing, and recounts groups."""
    target, limit = follow
    if target in follows:
        pair = {"source": str(feed), "target": target}
        call(stream_client.unfollow_many, [{**pair, "keep_history": True}])
        call(stream_client.follow_many, [pair], limit)


REPAIRS = {
    "remove": _remove,
    "clear": _clear,
    "unfollow": _unfollow,
    "add": _add,
    "follow": _follow,
}

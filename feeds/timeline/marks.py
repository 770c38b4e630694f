"""Marking what a person has seen and read of their notification feed."""

from django.http import Http404

from feeds.stream import groups
from feeds.timeline.readers import fetch, read_id


def mark_all_seen(feed_id):
    _mark(feed_id, mark_seen="true")


def mark_all_read(feed_id):
    _mark(feed_id, mark_read="true")


def mark_read(feed_id, group_id):
    """Mark one group as read; raise Http404 if `group_id` is not an id."""
    if not read_id(group_id):
        raise Http404
    _mark(feed_id, mark_read=group_id)


def _mark(feed_id, **mark):
    fetch(groups.notification(), feed_id, limit=1, **mark)

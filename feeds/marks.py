"""Marking what a person has seen and read of their notification feed."""

from django.http import Http404

from feeds.readers import fetch, read_id


def mark_all_seen(feed_id):
    fetch("notification", feed_id, limit=1, mark_seen="true")


def mark_all_read(feed_id):
    fetch("notification", feed_id, limit=1, mark_read="true")


def mark_read(feed_id, group_id):
    """Mark one group as read; raises Http404 for what is no id."""
    if not read_id(group_id):
        raise Http404
    fetch("notification", feed_id, limit=1, mark_read=group_id)

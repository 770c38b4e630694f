"""Answers to what an app must ask without knowing the other apps (dotted paths in settings)."""

from django.contrib.auth import get_user_model

from collections_app.models import Collection
from feeds.tokens import PRIVATE_GROUPS


def may_read_feed(user, group, feed_id):
    """Return whether `user` may see the page that shows the feed `group:feed_id`."""
    if not feed_id.isdecimal() or len(feed_id) > 18:
        return False
    if group in PRIVATE_GROUPS:
        return user.is_authenticated and feed_id == str(user.pk)
    if group == "user":
        return get_user_model().objects.visible().filter(pk=feed_id).exists()
    if group == "collection":
        return Collection.objects.visible().filter(pk=feed_id).exists()
    return False

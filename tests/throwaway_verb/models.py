from django.conf import settings
from django.db import models
from django.utils import timezone

from collections_app.models import Collection
from feeds.published import ACTIVITIES, Published


class Recommendation(Published, models.Model):
    """A collection that a person recommends to their followers."""

    recommender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE)
    reason = models.CharField(max_length=256)
    created_at = models.DateTimeField(default=timezone.now)

    verb = "recommend"
    counts = ACTIVITIES
    actor_path = "recommender"
    object_path = "collection"
    feed_paths = {"user": "recommender"}
    extra_fields = ("reason",)

    def __str__(self):
        return self.reason

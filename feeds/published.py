"""Models whose rows are activities on Stream: each declares a verb by class attributes."""

from functools import cache
from operator import attrgetter
from typing import NamedTuple

from django.apps import apps
from stream_django.activity import Activity
from stream_django.feed_manager import feed_manager

# What the headline of a group of activities counts.
ACTIVITIES, PEOPLE = "activities", "people"


class FeedFollow(NamedTuple):
    """Two feed groups of which one follows the other; `copy_limit`: None for Stream's usual."""

    source: str
    target: str
    copy_limit: int | None = None


class Published(Activity):
    """A model each of whose rows is an activity, and may make feeds follow others.

    Paths are lookups of foreign keys, as in queries ("collection__author").
    """

    verb = None
    counts = ACTIVITIES
    actor_path = None
    # "" is the row itself. A person, or a row with `stream_object_data`.
    object_path = ""
    # Feeds that hold the activity: their groups, with the paths of their owners. It is added to
    # the first and addressed (`to`) to the others.
    feed_paths = {}
    # Attributes whose values are part of the activity.
    extra_fields = ()
    # Follows between feeds of the rows at these two paths.
    feed_follows = ()
    follower_path = followed_path = ""

    has_activity = True
    activity_is_public = True

    @classmethod
    def activity_related_models(cls):
        """Return the paths of the rows that an activity is made from besides its own."""
        paths = [cls.object_path, *cls.feed_paths.values()]
        related = [cls.actor_path, *(path.rpartition("__")[0] for path in paths)]
        return [path for path in dict.fromkeys(related) if path]

    @classmethod
    def published_rows(cls):
        """Return the rows, with all that their activities are made from."""
        return cls._base_manager.select_related(*cls.activity_related_models())

    @property
    def activity_author_feed(self):
        return next(iter(self.feed_paths))

    @property
    def activity_actor_id(self):
        """Return the id of the feed that is written to: stream-django asks for it by this name."""
        return key_at(self, self.feed_paths[self.activity_author_feed])

    @property
    def activity_actor(self):
        return f"SU:{key_at(self, self.actor_path)}"

    @property
    def activity_verb(self):
        return self.verb

    @property
    def activity_object(self):
        collection = getattr(model_at(type(self), self.object_path), "stream_object_collection", "")
        reference = f"SO:{collection}" if collection else "SU"
        return f"{reference}:{key_at(self, self.object_path)}"

    @property
    def activity_foreign_id(self):
        return f"{self._meta.label}:{self.pk}"

    @property
    def activity_notify(self):
        _own, *others = self.feed_paths.items()
        return [feed_manager.get_feed(group, key_at(self, path)) for group, path in others]

    @property
    def extra_activity_data(self):
        return {name: getattr(self, name) for name in self.extra_fields}

    @property
    def stream_follows(self):
        """Return (feed, feed it follows, number of activities to copy or None for Stream's)."""
        follower, followed = key_at(self, self.follower_path), key_at(self, self.followed_path)
        return [
            (f"{source}:{follower}", f"{target}:{followed}", copy_limit)
            for source, target, copy_limit in self.feed_follows
        ]

    @property
    def stream_followed_feed(self):
        """Return the feed whose entries in the outbox these follows are ordered with."""
        return f"{self.feed_follows[0].target}:{key_at(self, self.followed_path)}"


def published_models():
    return [model for model in apps.get_models() if issubclass(model, Published)]


def models_on(group):
    """Return the models whose activities are on feeds of a group, by way of follows included."""
    models = published_models()
    follows = [follow for model in models for follow in model.feed_follows]
    groups = {group, *(follow.target for follow in follows if follow.source == group)}
    return [model for model in models if not groups.isdisjoint(model.feed_paths)]


def model_at(model, path):
    """Return the model at the end of a path."""
    for name in filter(None, path.split("__")):
        model = model._meta.get_field(name).related_model
    return model


def key_at(row, path):
    """Return the key of the row at the end of a path, without reading that row."""
    return _key_getter(path)(row)


@cache
def _key_getter(path):
    return attrgetter(f"{path.replace('__', '.')}_id" if path else "pk")

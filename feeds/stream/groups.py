"""Feed groups that the project needs on Stream, and the names that their formats give groups."""

import functools
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from jinja2.sandbox import ImmutableSandboxedEnvironment

from feeds import conf

DEFAULT_FORMAT = '{{ verb }}_{{ time.strftime("%Y-%m-%d") }}'
# The default length of a group in the embedded server's answers.
DEFAULT_ACTIVITIES = 15
# The embedded server shortens longer names.
MAX_NAME_LENGTH = 255

_environment = ImmutableSandboxedEnvironment()


@dataclass(frozen=True)
class FeedGroup:
    """A group of feeds: `type` is flat, aggregated or notification; the latter two have a format.

    `activities`: how many of an activity group an answer holds, None if unknown.
    `is_private`: only a feed's owner may read it (option `private`).
    """

    slug: str
    type: str
    format: str | None
    activities: int | None
    is_private: bool

    @property
    def aggregates(self):
        return self.type != "flat"

    def name_for(self, activity):
        """Return the name of the group that an activity belongs to.

        None if the feed is flat, or the server would shorten the name.
        """
        if not self.aggregates:
            return None
        name = _compile(self.format).render(
            **{name: activity[name] for name in ("verb", "object", "actor", "id")},
            time=datetime.fromisoformat(activity["time"]),
            feed={"group": self.slug},
        )
        return name if len(name) <= MAX_NAME_LENGTH else None


def configured_groups():
    """Return every group, by its slug."""
    return {slug: _read(slug, options) for slug, options in conf.get("FEEDS_GROUPS").items()}


def private():
    """Return the slugs of the groups whose feeds only their owners may read."""
    return {slug for slug, group in configured_groups().items() if group.is_private}


def notification():
    """Return the slug of the group of type notification; raise ImproperlyConfigured without one."""
    for slug, group in configured_groups().items():
        if group.type == "notification":
            return slug
    raise ImproperlyConfigured("FEEDS_GROUPS has no group of type notification.")


def _read(slug, options):
    aggregates = options["type"] != "flat"
    return FeedGroup(
        slug=slug,
        type=options["type"],
        format=options.get("format", DEFAULT_FORMAT) if aggregates else None,
        activities=options.get("activities", DEFAULT_ACTIVITIES) if conf.is_embedded() else None,
        is_private=options.get("private", False),
    )


@functools.lru_cache(maxsize=64)
def _compile(text):
    return _environment.from_string(text)

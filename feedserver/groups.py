"""Feed groups, their options, and the capabilities of their types."""

from dataclasses import dataclass

from feedserver import conf
from feedserver.errors import UnknownGroup


@dataclass(frozen=True)
class FeedType:
    """The capabilities of feeds of one type."""

    followable: bool = False
    aggregates: bool = False
    has_marks: bool = False


# `feedserver.feed_pages.READERS` has the function that reads each.
FEED_TYPES = {
    "flat": FeedType(followable=True),
    "aggregated": FeedType(aggregates=True),
    "notification": FeedType(aggregates=True, has_marks=True),
}
DEFAULT_FORMAT = '{{ verb }}_{{ time.strftime("%Y-%m-%d") }}'
DEFAULT_ACTIVITIES = 15


@dataclass(frozen=True)
class FeedGroup:
    """A configured group.

    `format` makes the names of the groups of activities in its feeds; responses have the newest
    `activities` of each. With `own_seen`, activities by `SU:<the feed's id>` are added as seen and
    read; with `returning_seen`, so are removed activities that are added again under the same id.
    `rankings` are names that reads may use; they do not change the order. A user token owns the
    feed with the user's id, unless `owned` is False because the ids of feeds are not ids of users.
    """

    slug: str
    type: str
    format: str = DEFAULT_FORMAT
    activities: int = DEFAULT_ACTIVITIES
    own_seen: bool = False
    returning_seen: bool = False
    rankings: tuple = ()
    owned: bool = True

    @property
    def followable(self):
        """Return whether other feeds may follow feeds of this group."""
        return FEED_TYPES[self.type].followable

    @property
    def aggregates(self):
        """Return whether feeds of this group hold groups of activities."""
        return FEED_TYPES[self.type].aggregates

    @property
    def has_marks(self):
        """Return whether groups of activities are marked as seen and read."""
        return FEED_TYPES[self.type].has_marks


def get_group(slug):
    """Return the configured group `slug`; raise UnknownGroup if there is none."""
    options = conf.groups().get(slug, {})
    if options.get("type") not in FEED_TYPES:
        raise UnknownGroup(f"The following feeds are not configured: '{slug}'")
    return FeedGroup(slug, **options)


def configured_groups():
    """Return every configured group of a known type."""
    groups = conf.groups()
    return [get_group(slug) for slug in groups if groups[slug].get("type") in FEED_TYPES]

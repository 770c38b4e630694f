"""Feed groups and their types: what a feed of a type can do, in one place."""

from dataclasses import dataclass

from feedserver import conf
from feedserver.errors import UnknownGroup


@dataclass(frozen=True)
class Type:
    """What feeds of one type have in common (Stream's documentation, "Feed Groups")."""

    followable: bool = False
    aggregates: bool = False
    has_marks: bool = False


# `feedserver.reads.READERS` says how each is read.
TYPES = {
    "flat": Type(followable=True),
    "aggregated": Type(aggregates=True),
    "notification": Type(aggregates=True, has_marks=True),
}
DEFAULT_FORMAT = '{{ verb }}_{{ time.strftime("%Y-%m-%d") }}'
DEFAULT_ACTIVITIES = 15


@dataclass(frozen=True)
class Group:
    """A configured group.

    `format` names the groups of activities in its feeds, of which an answer holds the newest
    `activities`. With `own_seen` an activity by `SU:<the feed's id>` enters seen and read; with
    `returning_seen` one that was removed and comes back under the same id does. `rankings` are
    names that reads may ask for; they are answered in the order of time. A person's own token
    owns the feed whose id is the person's, unless the group is not `owned`: where ids are others'.
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
        return TYPES[self.type].followable

    @property
    def aggregates(self):
        return TYPES[self.type].aggregates

    @property
    def has_marks(self):
        return TYPES[self.type].has_marks


def get_group(slug):
    """Return the configured group `slug`; raise UnknownGroup if there is none."""
    options = conf.groups().get(slug, {})
    if options.get("type") not in TYPES:
        raise UnknownGroup(f"The following feeds are not configured: '{slug}'")
    return Group(slug, **options)


def known_groups():
    """Return every configured group of a known type."""
    return [get_group(slug) for slug in conf.groups() if conf.groups()[slug].get("type") in TYPES]

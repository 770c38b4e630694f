"""Feed groups and their types: what a feed of a type can do, in one place."""

from dataclasses import dataclass

from feedserver import conf
from feedserver.errors import UnknownGroup

# Whether feeds of the type can be followed. `feedserver.reads.READERS` says how each is read.
TYPES = {"flat": True}


@dataclass(frozen=True)
class Group:
    """A configured group: its slug, its type and whether others can follow its feeds."""

    slug: str
    type: str
    followable: bool


def get_group(slug):
    """Return the configured group `slug`; raise UnknownGroup if there is none."""
    kind = conf.groups().get(slug, {}).get("type")
    if kind not in TYPES:
        raise UnknownGroup(f"The following feeds are not configured: '{slug}'")
    return Group(slug, kind, TYPES[kind])

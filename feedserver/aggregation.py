"""Aggregation formats: sandboxed templates for the names of groups of activities.

The variables are those of Stream's documentation: `verb`, `time`, `object`, `actor`, `id` and
`feed.group`. A format is rendered when an activity is added to a feed, so a new format does not
change existing groups.
"""

import functools
import hashlib
from datetime import UTC, datetime

from jinja2 import StrictUndefined, TemplateError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from feedserver import ids
from feedserver.errors import AggregationError
from feedserver.models import Activity

VARIABLES = {"verb", "time", "object", "actor", "id", "feed"}
MAX_NAME_LENGTH = 255
_DIGEST_BYTES = 16

# An unknown variable is an error: rendered as "", it could put all activities into one group.
_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)


class _Verb(str):
    """A verb; Stream's own examples also use `verb.infinitive`."""

    __slots__ = ()

    @property
    def infinitive(self):
        """Return the verb itself."""
        return str(self)


def group_name(group, activity):
    """Return the name of the group of `activity` in feeds of `group`; raise AggregationError.

    A name that is too long for its column is cut, and ends in a digest of the whole name.
    """
    try:
        name = _compile(group.format).render(
            verb=_Verb(activity.verb),
            time=activity.time.astimezone(UTC),
            object=activity.object,
            actor=activity.actor,
            id=ids.to_wire(activity.pk),
            feed={"group": group.slug},
        )
    except Exception as error:  # the template is a setting and can raise anything
        raise AggregationError(f"The format of '{group.slug}' failed: {error}")
    return _shorten(name)


def find_format_error(group):
    """Return the error in the format of `group`, or None."""
    try:
        unknown = find_undeclared_variables(_environment.parse(group.format)) - VARIABLES
    except TemplateError as error:
        return str(error)
    if unknown:
        return f"unknown variables: {', '.join(sorted(unknown))}"
    time = datetime(2026, 1, 2, tzinfo=UTC)
    sample = Activity(id=ids.fresh_id(time), actor="SU:1", verb="post", object="a:1", time=time)
    try:
        group_name(group, sample)
    except AggregationError as error:
        return error.detail
    return None


@functools.lru_cache(maxsize=64)
def _compile(text):
    return _environment.from_string(text)


def _shorten(name):
    if len(name) <= MAX_NAME_LENGTH:
        return name
    digest = hashlib.blake2b(name.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    return f"{name[: MAX_NAME_LENGTH - len(digest) - 1]}~{digest}"

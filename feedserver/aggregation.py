"""Aggregation formats: templates that name the group of an activity, in a sandbox.

The variables are those of Stream's documentation: `verb`, `time`, `object`, `actor`, `id` and
`feed.group`. A format is evaluated when an activity enters a feed, so a new format changes what
enters from then on, and nothing that is there.
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
LONGEST_NAME = 255
_DIGEST_BYTES = 16

# What a format does not know of fails, rather than naming every group the same.
_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)


class _Verb(str):
    """A verb, which Stream's own examples also write as `verb.infinitive`."""

    __slots__ = ()

    @property
    def infinitive(self):
        return str(self)


def group_name(group, activity):
    """Return the name of the group of `activity` in feeds of `group`; raises AggregationError.

    A name that is too long to be a key ends in a digest of all of it.
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
    except Exception as error:  # a template of the operator's can raise anything
        raise AggregationError(f"The format of '{group.slug}' failed: {error}")
    return _shortened(name)


def problem_of(group):
    """Return what is wrong with the format of `group`, or None."""
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


def _shortened(name):
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.blake2b(name.encode(), digest_size=_DIGEST_BYTES).hexdigest()
    return f"{name[: LONGEST_NAME - len(digest) - 1]}~{digest}"

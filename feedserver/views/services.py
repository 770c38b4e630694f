"""What stands beside feeds: open graph, audit log, analytics, and what this server has not."""

import logging

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from feedserver import audit, conf
from feedserver.auth import authorize
from feedserver.bodies import read_json
from feedserver.errors import InvalidInput, NotFound
from feedserver.http import endpoint
from feedserver.models import AuditEntry
from feedserver.parameters import read_number

logger = logging.getLogger(__name__)

_is_address = URLValidator(schemes=["http", "https"])
# The official JavaScript client's own tests compare this very sentence.
NO_OPEN_GRAPH = "couldn't find og data for the provided url"
FILTERS = ("entity_type", "entity_id", "user_id")


def open_graph(request):
    """Describe the page at `url` by the function that `FEEDSERVER_OPEN_GRAPH` names.

    It takes an address and returns a dictionary of Stream's fields, or None if there is nothing.
    """
    authorize(request.token, resource="open_graph", action="read")
    address = request.GET.get("url", "")
    try:
        _is_address(address)
    except ValidationError:
        raise InvalidInput("'url' must be an http or https address.", field="url")
    describe = conf.open_graph()
    try:
        found = describe(address) if describe else None
    except Exception:  # it is another project's: whatever happens there, nothing was found
        logger.exception("open graph")
        found = None
    if not found:
        raise InvalidInput(NO_OPEN_GRAPH)
    return {"original_url": address, **found}


def audit_log(request):
    """List what was done to an entity or by a user, newest first; `next` is an id of the log."""
    authorize(request.token, resource="audit_logs", action="read")
    asked = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    if not ("user_id" in asked or {"entity_type", "entity_id"} <= asked.keys()):
        raise InvalidInput("Give 'entity_type' and 'entity_id', or 'user_id'.")
    limit = read_number(request.GET, "limit", default=25, maximum=100)
    before = read_number(request.GET, "next", default=None)
    after = read_number(request.GET, "prev", default=None)
    found = AuditEntry.objects.filter(**asked)
    if after is not None:
        rows = list(found.filter(pk__gt=after).order_by("pk")[: limit + 1])
        newer, rows = len(rows) > limit, rows[:limit][::-1]
        older = bool(rows)
    else:
        within = found if before is None else found.filter(pk__lt=before)
        rows = list(within.order_by("-pk")[: limit + 1])
        older, rows = len(rows) > limit, rows[:limit]
        newer = before is not None and bool(rows)
    return {
        "audit_logs": [audit.render_entry(row) for row in rows],
        "next": str(rows[-1].pk) if older and rows else "",
        "prev": str(rows[0].pk) if newer and rows else "",
    }


def track(request):
    """Take what Stream's analytics clients send, and keep nothing of it."""
    authorize(request.token, resource="analytics", action="write")
    read_json(request)
    return {}


def refuse(request, service, rest):
    """Say that there is nothing: no such service of Stream's, and nothing else either."""
    raise NotFound("There is nothing at this address.")


og = endpoint(GET=open_graph)
audit_logs = endpoint(GET=audit_log)
analytics = endpoint(POST=track)
nothing = endpoint(**dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), refuse))

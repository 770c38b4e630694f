"""Views of other services: open graph, audit log, analytics, and those that are not supported."""

import logging

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from feedserver import audit, conf
from feedserver.auth import authorize
from feedserver.bodies import read_json
from feedserver.errors import InvalidInput, NotFound, ServiceUnavailable
from feedserver.http import endpoint
from feedserver.models import AuditEntry
from feedserver.parameters import read_number

logger = logging.getLogger(__name__)

_check_address = URLValidator(schemes=["http", "https"])
# The tests of the official JavaScript client compare this text.
NO_OPEN_GRAPH = "couldn't find og data for the provided url"
FILTERS = ("entity_type", "entity_id", "user_id")


def open_graph(request):
    """Describe the page at `url` with the function that `FEEDSERVER_OPEN_GRAPH` names.

    It takes an address and returns a dictionary of Stream's fields, or None if there are none. It
    raises ConnectionError if the page cannot be fetched now.
    """
    authorize(request.token, resource="open_graph", action="read")
    address = request.GET.get("url", "")
    try:
        _check_address(address)
    except ValidationError:
        raise InvalidInput("'url' must be an http or https address.", field="url")
    describe = conf.open_graph()
    try:
        fields = describe(address) if describe else None
    except ConnectionError:
        raise ServiceUnavailable("The page cannot be asked at the moment.")
    except Exception:  # the function is the project's and may raise anything
        logger.exception("open graph")
        fields = None
    if not fields:
        raise InvalidInput(NO_OPEN_GRAPH)
    return {"original_url": address, **fields}


def audit_log(request):
    """List the changes of an entity or by a user, newest first; `next` and `prev` are entry ids."""
    authorize(request.token, resource="audit_logs", action="read")
    filters = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    if not ("user_id" in filters or {"entity_type", "entity_id"} <= filters.keys()):
        raise InvalidInput("Give 'entity_type' and 'entity_id', or 'user_id'.")
    limit = read_number(request.GET, "limit", default=25, maximum=100)
    before = read_number(request.GET, "next", default=None)
    after = read_number(request.GET, "prev", default=None)
    entries = AuditEntry.objects.filter(**filters)
    if after is not None:
        rows = list(entries.filter(pk__gt=after).order_by("pk")[: limit + 1])
        newer, rows = len(rows) > limit, rows[:limit][::-1]
        older = bool(rows)
    else:
        entries = entries if before is None else entries.filter(pk__lt=before)
        rows = list(entries.order_by("-pk")[: limit + 1])
        older, rows = len(rows) > limit, rows[:limit]
        newer = before is not None and bool(rows)
    return {
        "audit_logs": [audit.render_entry(row) for row in rows],
        "next": str(rows[-1].pk) if older and rows else "",
        "prev": str(rows[0].pk) if newer and rows else "",
    }


def track(request):
    """Accept the events of Stream's analytics clients, and discard them."""
    authorize(request.token, resource="analytics", action="write")
    read_json(request)
    return {}


def raise_not_found(request, service, rest):
    """Raise NotFound: the service is not supported or unknown."""
    raise NotFound("There is nothing at this address.")


og = endpoint(GET=open_graph)
audit_logs = endpoint(GET=audit_log)
analytics = endpoint(POST=track)
unknown_service = endpoint(
    **dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), raise_not_found)
)

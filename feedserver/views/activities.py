"""Views of activities, independent of feeds."""

from feedserver import activities
from feedserver.auth import authorize
from feedserver.bodies import read_batch, read_object
from feedserver.enrichment import enrich
from feedserver.errors import InvalidInput
from feedserver.feed_pages import activities_by_foreign_id, activities_by_id
from feedserver.http import endpoint
from feedserver.parameters import read_list
from feedserver.reaction_flags import read_flags
from feedserver.times import parse_time

MAX_ACTIVITIES = 100


def get(request):
    """Return activities by `ids`, or by `foreign_ids` and `timestamps` of the same length."""
    authorize(request.token, resource="activities", action="read")
    wire_ids = read_list(request.GET, "ids", maximum=MAX_ACTIVITIES)
    foreign_ids = read_list(request.GET, "foreign_ids", maximum=MAX_ACTIVITIES)
    times = read_list(request.GET, "timestamps", maximum=MAX_ACTIVITIES)
    if len(foreign_ids) != len(times) or not (wire_ids or foreign_ids):
        raise InvalidInput("Give 'ids', or as many 'foreign_ids' as 'timestamps'.")
    if wire_ids:
        return {"results": activities_by_id(wire_ids)}
    pairs = [(name, parse_time(text)) for name, text in zip(foreign_ids, times, strict=True)]
    return {"results": activities_by_foreign_id(pairs)}


def get_enriched(request):
    response = get(request)
    return {**response, "results": enrich(response["results"], read_flags(request))}


def update(request):
    authorize(request.token, resource="activities", action="write")
    batch = read_batch(
        read_object(request).get("activities"), name="activities", maximum=MAX_ACTIVITIES
    )
    activities.update_activities(batch)
    return {}


collection = endpoint(GET=get, POST=update)
enriched_collection = endpoint(GET=get_enriched)

"""Activities by themselves: get and update, whatever feed holds them."""

from feedserver import activities
from feedserver.auth import authorize
from feedserver.bodies import read_batch, read_object
from feedserver.enrichment import enrich
from feedserver.errors import InvalidInput
from feedserver.http import endpoint
from feedserver.parameters import read_list
from feedserver.reaction_flags import read_flags
from feedserver.reads import activities_by_foreign_id, activities_by_id
from feedserver.times import parse_time

MOST = 100


def get(request):
    """By `ids`, or by `foreign_ids` and `timestamps` that belong together by position."""
    authorize(request.token, resource="activities", action="read")
    wire_ids = read_list(request.GET, "ids", maximum=MOST)
    foreign_ids = read_list(request.GET, "foreign_ids", maximum=MOST)
    times = read_list(request.GET, "timestamps", maximum=MOST)
    if len(foreign_ids) != len(times) or not (wire_ids or foreign_ids):
        raise InvalidInput("Give 'ids', or as many 'foreign_ids' as 'timestamps'.")
    if wire_ids:
        return {"results": activities_by_id(wire_ids)}
    pairs = [(name, parse_time(text)) for name, text in zip(foreign_ids, times, strict=True)]
    return {"results": activities_by_foreign_id(pairs)}


def get_enriched(request):
    answer = get(request)
    return {**answer, "results": enrich(answer["results"], read_flags(request))}


def update(request):
    authorize(request.token, resource="activities", action="write")
    batch = read_batch(read_object(request).get("activities"), name="activities", maximum=MOST)
    activities.update_activities(batch)
    return {}


collection = endpoint(GET=get, POST=update)
enriched_collection = endpoint(GET=get_enriched)

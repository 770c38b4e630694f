"""Pages of reactions, in both directions."""

from dataclasses import dataclass
from urllib.parse import quote

from feedserver import ids
from feedserver.models import Reaction
from feedserver.parameters import read_number
from feedserver.reaction_flags import origin_of
from feedserver.reaction_queries import live

DEFAULT_LIMIT = 10
MAX_LIMIT = 25
BACKWARD, FORWARD = ("lt", "lte"), ("gt", "gte")
# Parameters that the address of the next page must not repeat.
_DROPPED_PARAMETERS = {"api_key", "location"}
# Conditions by the part of the address that names the type of the list.
CONDITIONS = {
    "activity_id": lambda value: {"subject": f"SA:{value}"},
    "reaction_id": lambda value: {"subject": f"SR:{value}"},
    "user_id": lambda value: {"user_id": value, "parent__isnull": True},
}


@dataclass(frozen=True)
class ReactionPage:
    """The part of a list that a request asks for.

    `bounds` maps lt, lte, gt and gte to ids of reactions.
    """

    limit: int
    bounds: dict
    address: str
    query: object

    @property
    def is_forward(self):
        """Return whether the page goes from old to new."""
        return any(name in self.bounds for name in FORWARD)

    def respond(self, results, rows):
        """Return `{"results", "next"}`; `rows` has one more than the page if there is one."""
        has_more = 0 < self.limit < len(rows)
        return {"results": results, "next": self._next(rows[self.limit - 1]) if has_more else ""}

    def _next(self, last):
        query = self.query.copy()
        # Keep the bound on the other side: the pages end there.
        replaced = FORWARD if self.is_forward else BACKWARD
        for name in _DROPPED_PARAMETERS | {f"id_{bound}" for bound in replaced}:
            query.pop(name, None)
        query["id_gt" if self.is_forward else "id_lt"] = last.name
        query["limit"] = str(self.limit)
        return f"{self.address}?{query.urlencode()}"


def read_reaction_page(request):
    """Return the ReactionPage in the query string of `request`."""
    query = request.GET
    return ReactionPage(
        limit=read_number(query, "limit", default=DEFAULT_LIMIT, maximum=MAX_LIMIT),
        bounds={
            name: query[f"id_{name}"] for name in BACKWARD + FORWARD if query.get(f"id_{name}")
        },
        address=origin_of(request) + quote(request.path),
        query=query,
    )


def rows_of_page(page, field, value, kind=None):
    """Return the reactions of a page, and one more if there is one; two queries.

    A bound is the time of the reaction it names. An id made by this server holds that time, even
    if the reaction is deleted; after an unknown id of a client's own there is nothing.
    """
    rows = live().filter(**CONDITIONS[field](value), **({"kind": kind} if kind else {}))
    if page.bounds:
        named = Reaction.objects.filter(name__in=page.bounds.values())
        keys = dict(named.values_list("name", "pk"))
        keys |= {name: ids.from_wire(name) for name in page.bounds.values() if name not in keys}
        if not all(keys.values()):
            return []
        rows = rows.filter(**{f"pk__{bound}": keys[name] for bound, name in page.bounds.items()})
    order = "pk" if page.is_forward else "-pk"
    return list(rows.order_by(order)[: page.limit + 1]) if page.limit else []

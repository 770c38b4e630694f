"""Pages of reactions, in both directions (protocol notes, sections 1.4 and 2.10)."""

from dataclasses import dataclass
from urllib.parse import quote

from feedserver import ids
from feedserver.models import Reaction
from feedserver.parameters import read_number
from feedserver.reaction_flags import origin_of
from feedserver.reaction_reads import live

DEFAULT_LIMIT = 10
HIGHEST_LIMIT = 25
BACKWARD, FORWARD = ("lt", "lte"), ("gt", "gte")
# What the address of the next page must not carry on.
_NOT_CARRIED = {"api_key", "location"}
# By the last part but one of the address: whose reactions are meant.
SUBJECTS = {
    "activity_id": lambda value: {"subject": f"SA:{value}"},
    "reaction_id": lambda value: {"subject": f"SR:{value}"},
    "user_id": lambda value: {"user_id": value, "parent__isnull": True},
}


@dataclass(frozen=True)
class ReactionPage:
    """What part of a list is asked for; `bounds` maps lt, lte, gt and gte to ids of reactions."""

    limit: int
    bounds: dict
    address: str
    query: object

    @property
    def is_forward(self):
        """From old to new: what lies behind a reaction one has, rather than before it."""
        return any(name in self.bounds for name in FORWARD)

    def answer(self, results, rows):
        """Return `{"results", "next"}`; `rows` has one more than is shown if there is one."""
        more = 0 < self.limit < len(rows)
        return {"results": results, "next": self._next(rows[self.limit - 1]) if more else ""}

    def _next(self, last):
        query = self.query.copy()
        # The bound on the other side is where the pages end.
        passed = FORWARD if self.is_forward else BACKWARD
        for name in _NOT_CARRIED | {f"id_{bound}" for bound in passed}:
            query.pop(name, None)
        query["id_gt" if self.is_forward else "id_lt"] = last.name
        query["limit"] = str(self.limit)
        return f"{self.address}?{query.urlencode()}"


def read_reaction_page(request):
    query = request.GET
    return ReactionPage(
        limit=read_number(query, "limit", default=DEFAULT_LIMIT, maximum=HIGHEST_LIMIT),
        bounds={
            name: query[f"id_{name}"] for name in BACKWARD + FORWARD if query.get(f"id_{name}")
        },
        address=origin_of(request) + quote(request.path),
        query=query,
    )


def rows_of_page(page, field, value, kind=None):
    """Return the reactions of a page, and one more if there is one; two queries.

    A bound is where the reaction it names was created, as its id says even if it is gone; behind an
    id of a client's own that nobody knows is nothing.
    """
    rows = live().filter(**SUBJECTS[field](value), **({"kind": kind} if kind else {}))
    if page.bounds:
        named = Reaction.objects.filter(name__in=page.bounds.values())
        keys = dict(named.values_list("name", "pk"))
        keys |= {name: ids.from_wire(name) for name in page.bounds.values() if name not in keys}
        if not all(keys.values()):
            return []
        rows = rows.filter(**{f"pk__{how}": keys[name] for how, name in page.bounds.items()})
    order = "pk" if page.is_forward else "-pk"
    return list(rows.order_by(order)[: page.limit + 1]) if page.limit else []

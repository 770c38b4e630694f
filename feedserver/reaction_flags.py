"""What of reactions a read asks for, in the spellings of all clients."""

from dataclasses import dataclass, replace

from feedserver.parameters import read_flag, read_list, read_number

DEFAULT_RECENT = 5
MOST_RECENT = 25
MOST_KINDS = 20


@dataclass(frozen=True)
class ReactionFlags:
    """Which keys activities and reactions get; "own" is of `user_id`.

    `origin` is scheme and host of the addresses in the answer.
    """

    own: bool = False
    recent: bool = False
    counts: bool = False
    own_children: bool = False
    user_id: str = ""
    children_user_id: str = ""
    kinds: tuple = ()
    children_kinds: tuple = ()
    limit: int = DEFAULT_RECENT
    origin: str = ""

    def __bool__(self):
        return self.own or self.recent or self.counts

    @property
    def with_everything(self):
        """The flags of an activity that is shown with all its reactions."""
        return replace(self, own=True, recent=True, counts=True)


NO_REACTIONS = ReactionFlags()


def read_flags(request):
    """Return the ReactionFlags in the query string; of a person's token, that person's."""
    query = request.GET
    named = query.get(_spelled(query, "with_user_id")) or query.get("user_id", "")
    user_id = request.token.user_id or named
    limit = read_number(
        query, _spelled(query, "reaction_limit"), default=DEFAULT_RECENT, maximum=MOST_RECENT
    )
    return ReactionFlags(
        own=read_flag(query, _spelled(query, "with_own_reactions")),
        recent=read_flag(query, _spelled(query, "with_recent_reactions")),
        counts=read_flag(query, _spelled(query, "with_reaction_counts")),
        own_children=read_flag(query, _spelled(query, "with_own_children")),
        user_id=user_id,
        children_user_id=query.get(_spelled(query, "children_user_id")) or user_id,
        kinds=_kinds(query, "reaction_kinds_filter"),
        children_kinds=_kinds(query, "with_own_children_kinds"),
        limit=read_number(
            query,
            _spelled(query, "recent_reactions_limit"),
            default=limit,
            maximum=MOST_RECENT,
        ),
        origin=origin_of(request),
    )


def _kinds(query, name):
    return tuple(read_list(query, _spelled(query, name), maximum=MOST_KINDS))


def _spelled(query, name):
    """Return how `query` spells a parameter: as Flutter does, as all others, or as a list."""
    first, *others = name.split("_")
    camel = first + "".join(map(str.capitalize, others))
    return next((one for one in (name, f"{name}[]", camel, f"{camel}[]") if one in query), name)


def origin_of(request):
    """Return scheme and host, as they are on the request: this server has no name of its own.

    Not Django's check of the host: hosts are not checked here, and in this process there is none.
    """
    host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "localhost")
    return f"{request.scheme}://{host}"

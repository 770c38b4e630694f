"""The reactions that a read asks for, in the spellings of all clients."""

from dataclasses import dataclass, replace

from feedserver.parameters import read_flag, read_list, read_number

DEFAULT_RECENT = 5
MAX_RECENT = 25
MAX_KINDS = 20


@dataclass(frozen=True)
class ReactionFlags:
    """The keys that activities and reactions get; "own" means those of `user_id`.

    `origin` is the scheme and host of addresses in the response.
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
        """Return the flags of an activity that is shown with all its reactions."""
        return replace(self, own=True, recent=True, counts=True)


NO_REACTIONS = ReactionFlags()


def read_flags(request):
    """Return the ReactionFlags in the query string; the user of a user token is `user_id`."""
    query = request.GET
    named = query.get(_find_spelling(query, "with_user_id")) or query.get("user_id", "")
    user_id = request.token.user_id or named
    limit = read_number(
        query, _find_spelling(query, "reaction_limit"), default=DEFAULT_RECENT, maximum=MAX_RECENT
    )
    return ReactionFlags(
        own=read_flag(query, _find_spelling(query, "with_own_reactions")),
        recent=read_flag(query, _find_spelling(query, "with_recent_reactions")),
        counts=read_flag(query, _find_spelling(query, "with_reaction_counts")),
        own_children=read_flag(query, _find_spelling(query, "with_own_children")),
        user_id=user_id,
        children_user_id=query.get(_find_spelling(query, "children_user_id")) or user_id,
        kinds=_read_kinds(query, "reaction_kinds_filter"),
        children_kinds=_read_kinds(query, "with_own_children_kinds"),
        limit=read_number(
            query,
            _find_spelling(query, "recent_reactions_limit"),
            default=limit,
            maximum=MAX_RECENT,
        ),
        origin=origin_of(request),
    )


def _read_kinds(query, name):
    return tuple(read_list(query, _find_spelling(query, name), maximum=MAX_KINDS))


def _find_spelling(query, name):
    """Return the name of a parameter in `query`: in snake case, camel case, or either as a list."""
    first, *others = name.split("_")
    camel = first + "".join(map(str.capitalize, others))
    spellings = (name, f"{name}[]", camel, f"{camel}[]")
    return next((spelling for spelling in spellings if spelling in query), name)


def origin_of(request):
    """Return the scheme and host of the request.

    Not `request.get_host()`: it rejects hosts that are not in ALLOWED_HOSTS, which this server
    accepts, and an in-process request may have none.
    """
    host = request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", "localhost")
    return f"{request.scheme}://{host}"

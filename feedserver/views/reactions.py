"""Views of reactions."""

from feedserver import reactions
from feedserver.auth import authorize, authorize_feeds
from feedserver.bodies import read_object
from feedserver.enrichment import enriched_activity
from feedserver.errors import NotAllowed
from feedserver.http import endpoint
from feedserver.models import Reaction
from feedserver.parameters import read_flag, read_list
from feedserver.reaction_flags import read_flags
from feedserver.reaction_pages import read_reaction_page, rows_of_page
from feedserver.reaction_rendering import ReactionRenderer

MAX_REACTIONS = 100


def add(request):
    """Add a reaction to an activity, which need not exist, or to another reaction."""
    user = request.token.user_id
    authorize(request.token, resource="reactions", action="write", owner=lambda: user)
    body = read_object(request)
    user_id = body.get("user_id")
    if user and str(user_id or user) != user:
        raise NotAllowed()
    targets = reactions.read_target_feeds(body)
    authorize_feeds(request.token, targets.feeds or (), action="write")
    draft = reactions.read_reaction(body, user or user_id, targets)
    return _render_written(request, reactions.add_reaction(draft, body.get("parent")))


def get(request, name):
    authorize(request.token, resource="reactions", action="read")
    return _render(request, reactions.get_reaction(name))


def update(request, name):
    _authorize_owner(request, name, "write")
    body = read_object(request)
    targets = reactions.read_target_feeds(body)
    authorize_feeds(request.token, targets.feeds or (), action="write")
    return _render_written(request, reactions.update_reaction(name, body.get("data"), targets))


def delete(request, name):
    """Delete a reaction with its descendants, or soft-delete it with `?soft=true`."""
    _authorize_owner(request, name, "delete")
    soft = read_flag(request.GET, "soft")
    (reactions.soft_delete_reaction if soft else reactions.delete_reaction)(name)
    return {}


def restore(request, name):
    _authorize_owner(request, name, "write")
    return _render(request, reactions.restore_reaction(name))


def list_by(field):
    """Return the view that lists the reactions to an activity, to a reaction, or of a user."""

    def read(request, value, kind=None):
        authorize(request.token, resource="reactions", action="read")
        page = read_reaction_page(request)
        flags = read_flags(request)
        rows = rows_of_page(page, field, value, kind)
        page_rows = rows[: page.limit]
        render = ReactionRenderer(page_rows, flags).render
        response = page.respond([render(row) for row in page_rows], rows)
        if field == "activity_id" and read_flag(request.GET, "with_activity_data"):
            response["activity"] = enriched_activity(value, flags.with_everything)
        return response

    return endpoint(GET=read)


def get_many(request):
    """Return reactions by `ids`; as with Stream, only to server tokens."""
    authorize(request.token, resource="reactions", action="read")
    if request.token.is_user_token:
        raise NotAllowed()
    names = read_list(request.GET, "ids", maximum=MAX_REACTIONS)
    by_name = Reaction.objects.in_bulk(names, field_name="name")
    deleted = read_flag(request.GET, "include_deleted")
    rows = [
        by_name[name]
        for name in dict.fromkeys(names)
        if name in by_name and (deleted or by_name[name].deleted_at is None)
    ]
    render = ReactionRenderer(rows, read_flags(request)).render
    return {"reactions": [render(row) for row in rows]}


def _authorize_owner(request, name, action):
    authorize(
        request.token,
        resource="reactions",
        action=action,
        owner=lambda: reactions.get_reaction(name).user_id,
    )


def _render(request, row):
    return ReactionRenderer([row], read_flags(request)).render(row)


def _render_written(request, row):
    """Return the response to a write: only this has the extra data of target feeds."""
    extra = {"target_feeds_extra_data": row.extra_data} if row.extra_data else {}
    return {**_render(request, row), **extra}


all_reactions = endpoint(POST=add)
many_reactions = endpoint(GET=get_many)
one_reaction = endpoint(GET=get, PUT=update, DELETE=delete)
restored_reaction = endpoint(PUT=restore)
reactions_of_activity = list_by("activity_id")
reactions_of_reaction = list_by("reaction_id")
reactions_of_user = list_by("user_id")

"""Reactions."""

from feedserver import reactions
from feedserver.auth import authorize, authorize_feeds
from feedserver.bodies import read_object
from feedserver.enrichment import enriched_activity
from feedserver.errors import NotAllowed
from feedserver.http import endpoint
from feedserver.models import Reaction
from feedserver.parameters import read_flag, read_list
from feedserver.reaction_flags import read_flags
from feedserver.reaction_lists import read_reaction_page, rows_of_page
from feedserver.reaction_reads import Renderer

MOST = 100


def add(request):
    """Add a reaction to an activity, which need not exist, or below another reaction."""
    user = request.token.user_id
    authorize(request.token, resource="reactions", action="write", owner=lambda: user)
    body = read_object(request)
    user_id = body.get("user_id")
    if user and str(user_id or user) != user:
        raise NotAllowed()
    targets = reactions.read_targets_of(body)
    authorize_feeds(request.token, targets.feeds or (), action="write")
    draft = reactions.read_reaction(body, user or user_id, targets)
    return _told(request, reactions.add_reaction(draft, body.get("parent")))


def get(request, name):
    authorize(request.token, resource="reactions", action="read")
    return _render(request, reactions.get_reaction(name))


def update(request, name):
    _authorize_owner(request, name, "write")
    body = read_object(request)
    targets = reactions.read_targets_of(body)
    authorize_feeds(request.token, targets.feeds or (), action="write")
    return _told(request, reactions.update_reaction(name, body.get("data"), targets))


def delete(request, name):
    """Delete a reaction with all below it, or hide it with `?soft=true`."""
    _authorize_owner(request, name, "delete")
    soft = read_flag(request.GET, "soft")
    (reactions.hide_reaction if soft else reactions.delete_reaction)(name)
    return {}


def restore(request, name):
    _authorize_owner(request, name, "write")
    return _render(request, reactions.restore_reaction(name))


def list_of(field):
    """Return the call that lists the reactions to an activity, below another, or of a user."""

    def read(request, value, kind=None):
        authorize(request.token, resource="reactions", action="read")
        page = read_reaction_page(request)
        flags = read_flags(request)
        rows = rows_of_page(page, field, value, kind)
        shown = rows[: page.limit]
        render = Renderer(shown, flags).render
        answer = page.answer([render(row) for row in shown], rows)
        if field == "activity_id" and read_flag(request.GET, "with_activity_data"):
            answer["activity"] = enriched_activity(value, flags.with_everything)
        return answer

    return endpoint(GET=read)


def get_many(request):
    """Return reactions by `ids`, to a server alone (protocol notes, section 2.10)."""
    authorize(request.token, resource="reactions", action="read")
    if request.token.is_user_token:
        raise NotAllowed()
    names = read_list(request.GET, "ids", maximum=MOST)
    found = Reaction.objects.in_bulk(names, field_name="name")
    deleted = read_flag(request.GET, "include_deleted")
    rows = [
        found[name]
        for name in dict.fromkeys(names)
        if name in found and (deleted or found[name].deleted_at is None)
    ]
    render = Renderer(rows, read_flags(request)).render
    return {"reactions": [render(row) for row in rows]}


def _authorize_owner(request, name, action):
    authorize(
        request.token,
        resource="reactions",
        action=action,
        owner=lambda: reactions.get_reaction(name).user_id,
    )


def _render(request, row):
    return Renderer([row], read_flags(request)).render(row)


def _told(request, row):
    """Only the answer to a write tells what the activities in target feeds say besides."""
    extra = {"target_feeds_extra_data": row.extra_data} if row.extra_data else {}
    return {**_render(request, row), **extra}


all_reactions = endpoint(POST=add)
many_reactions = endpoint(GET=get_many)
one_reaction = endpoint(GET=get, PUT=update, DELETE=delete)
restored_reaction = endpoint(PUT=restore)
reactions_of_activity = list_of("activity_id")
reactions_of_reaction = list_of("reaction_id")
reactions_of_user = list_of("user_id")

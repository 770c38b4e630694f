"""Reactions as responses have them: each with its user and its children."""

from feedserver import ids
from feedserver.reaction_queries import by_subject, counts_of, newest_children, own_of_each_kind
from feedserver.reactions import MAX_LEVEL
from feedserver.times import record_time
from feedserver.users import find_users, missing_user, render_user


class ReactionRenderer:
    """Render `reactions` with their users and their children, to the deepest level.

    The number of queries does not depend on the number of reactions. With the flag `own_children`
    each reaction also has the children by the user that the flags name.
    """

    def __init__(self, reactions, flags, user_ids=()):
        self.flags = flags
        self.children, self.own, self.counts = {}, {}, {}
        all_reactions, level = [], list(reactions)
        while level:
            all_reactions += level
            counts = counts_of({row.reference for row in level if row.level < MAX_LEVEL})
            parents = [reference for reference, kinds in counts.items() if any(kinds.values())]
            children, own = newest_children(parents), self._own_children(parents)
            self.counts |= counts
            self.children |= by_subject(children)
            self.own |= by_subject(own)
            level = [*children, *own]
        users = find_users({*user_ids, *(row.user_id for row in all_reactions)})
        self.users = {user.pk: render_user(user) for user in users}

    def _own_children(self, parents):
        if not self.flags.own_children:
            return []
        return own_of_each_kind(parents, self.flags.children_user_id, self.flags.children_kinds)

    def render(self, row):
        """Return a reaction as a GET of it responds."""
        rendered = {
            "id": row.name,
            "kind": row.kind,
            "activity_id": row.activity_id,
            "user_id": row.user_id,
            "user": self.users.get(row.user_id) or missing_user(row.user_id),
            "data": row.data,
            "created_at": record_time(ids.time_of(row.pk)),
            "updated_at": record_time(row.updated_at),
            "parent": row.subject.removeprefix("SR:") if row.level > 1 else "",
            "latest_children": self.render_by_kind(self.children.get(row.reference, {})),
            "children_counts": self.counts.get(row.reference, {}),
        }
        if row.target_feeds:
            rendered["target_feeds"] = row.target_feeds
        if self.flags.own_children:
            rendered["own_children"] = self.render_by_kind(self.own.get(row.reference, {}))
        if row.deleted_at:
            rendered["deleted_at"] = record_time(row.deleted_at)
        return rendered

    def render_by_kind(self, kinds):
        """Return `{kind: [rendered reaction]}` of `{kind: [reaction]}`."""
        return {kind: [self.render(row) for row in rows] for kind, rows in kinds.items()}

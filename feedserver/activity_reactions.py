"""The reactions in enriched activities."""

from urllib.parse import quote, quote_plus

from feedserver.reaction_queries import (
    by_subject,
    counts_of,
    newest_of_each_kind,
    own_of_each_kind,
)
from feedserver.reaction_rendering import ReactionRenderer


class ActivityReactions:
    """The reactions to rendered `activities` that `flags` ask for, all read at once.

    `referenced` are reactions that activities refer to; `rendered` has them by their references.
    `users` has the existing users of `user_ids` and the authors of reactions, rendered, by id.
    """

    def __init__(self, activities, flags, referenced, user_ids):
        self.flags = flags
        subjects = {f"SA:{activity['id']}" for activity in activities} if flags else set()
        counts = counts_of(subjects, flags.kinds) if flags.recent or flags.counts else {}
        # One more of each kind, to know whether there is a next page.
        recent = newest_of_each_kind(counts, flags.limit + 1) if flags.recent else []
        own = own_of_each_kind(subjects, flags.user_id, flags.kinds) if flags.own else []
        self.counts, self.recent, self.own = counts, by_subject(recent), by_subject(own)
        latest = [
            row
            for kinds in self.recent.values()
            for rows in self._latest(kinds).values()
            for row in rows
        ]
        self.renderer = ReactionRenderer([*referenced, *latest, *own], flags, user_ids)
        self.users = self.renderer.users
        self.rendered = {row.reference: self.renderer.render(row) for row in referenced}

    def _latest(self, kinds):
        limit = self.flags.limit
        return {kind: rows[:limit] for kind, rows in kinds.items()} if limit else {}

    def add_to(self, activity):
        """Return a rendered activity with the keys that the flags ask for."""
        subject = f"SA:{activity['id']}"
        keys = {}
        if self.flags.own:
            keys["own_reactions"] = self.renderer.render_by_kind(self.own.get(subject, {}))
        if self.flags.recent:
            recent = self.recent.get(subject, {})
            keys["latest_reactions"] = self.renderer.render_by_kind(self._latest(recent))
            keys["latest_reactions_extra"] = {
                kind: {"next": self._next(activity["id"], rows)} for kind, rows in recent.items()
            }
        if self.flags.counts:
            keys["reaction_counts"] = self.counts.get(subject, {})
        return {**activity, **keys}

    def _next(self, activity_id, rows):
        """Return the address of the next page of these reactions, or "" if there is none."""
        limit = self.flags.limit
        if len(rows) <= limit or not limit:
            return ""
        last, own_children = rows[limit - 1], str(self.flags.own_children).lower()
        query = f"id_lt={quote_plus(last.name)}&limit={limit}&withOwnChildren={own_children}"
        path = f"/api/v1.0/reaction/activity_id/{activity_id}/{quote(last.kind, safe='')}/"
        return f"{self.flags.origin}{path}?{query}"

"""The reactions that activities are shown with (protocol notes, section 2.9)."""

from urllib.parse import quote, quote_plus

from feedserver.reaction_reads import (
    Renderer,
    by_subject,
    counts_of,
    newest_of_each_kind,
    own_of_each_kind,
)


class ActivityReactions:
    """The reactions to rendered `activities` that `flags` ask for, read all at once.

    `said` are reactions that activities refer to; `rendered` has them by their references. `users`
    has whoever of `people` and of those who reacted is known, rendered, by their ids.
    """

    def __init__(self, activities, flags, said, people):
        self.flags = flags
        subjects = {f"SA:{activity['id']}" for activity in activities} if flags else set()
        counted = counts_of(subjects, flags.kinds) if flags.recent or flags.counts else {}
        # One more of each kind tells whether there is a next page.
        recent = newest_of_each_kind(counted, flags.limit + 1) if flags.recent else []
        own = own_of_each_kind(subjects, flags.user_id, flags.kinds) if flags.own else []
        self.counts, self.recent, self.own = counted, by_subject(recent), by_subject(own)
        shown = [
            row
            for kinds in self.recent.values()
            for rows in self._shown(kinds).values()
            for row in rows
        ]
        self.renderer = Renderer([*said, *shown, *own], flags, people)
        self.users = self.renderer.users
        self.rendered = {row.reference: self.renderer.render(row) for row in said}

    def _shown(self, kinds):
        limit = self.flags.limit
        return {kind: rows[:limit] for kind, rows in kinds.items()} if limit else {}

    def add_to(self, activity):
        """Return a rendered activity with the keys that were asked for."""
        subject = f"SA:{activity['id']}"
        keys = {}
        if self.flags.own:
            keys["own_reactions"] = self.renderer.render_by_kind(self.own.get(subject, {}))
        if self.flags.recent:
            recent = self.recent.get(subject, {})
            keys["latest_reactions"] = self.renderer.render_by_kind(self._shown(recent))
            keys["latest_reactions_extra"] = {
                kind: {"next": self._next(activity["id"], rows)} for kind, rows in recent.items()
            }
        if self.flags.counts:
            keys["reaction_counts"] = self.counts.get(subject, {})
        return {**activity, **keys}

    def _next(self, activity_id, rows):
        """Return the address of the page of reactions behind those shown, or "" at the end."""
        limit = self.flags.limit
        if len(rows) <= limit or not limit:
            return ""
        last, own_children = rows[limit - 1], str(self.flags.own_children).lower()
        query = f"id_lt={quote_plus(last.name)}&limit={limit}&withOwnChildren={own_children}"
        place = f"/api/v1.0/reaction/activity_id/{activity_id}/{quote(last.kind, safe='')}/"
        return f"{self.flags.origin}{place}?{query}"

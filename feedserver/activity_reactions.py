"""The reactions that activities are shown with (protocol notes, section 2.9)."""

from urllib.parse import quote, urlencode

from feedserver.reaction_reads import (
    Renderer,
    by_kind,
    by_subject,
    counts_of,
    newest_of_each_kind,
    own_of_each_kind,
)


class ActivityReactions:
    """The reactions to rendered `activities` that `flags` ask for, read all at once.

    `said` are reactions that activities refer to; `rendered` has them by their references.
    """

    def __init__(self, activities, flags, said):
        self.flags = flags
        subjects = {f"SA:{activity['id']}" for activity in activities} if flags else set()
        # One more of each kind tells whether there is a next page.
        recent = newest_of_each_kind(subjects, flags.limit + 1, flags.kinds) if flags.recent else []
        own = own_of_each_kind(subjects, flags.user_id, flags.kinds) if flags.own else []
        self.counts = counts_of(subjects, flags.kinds) if flags.counts else {}
        self.recent, self.own = by_subject(recent), by_subject(own)
        self.renderer = Renderer([*said, *self._shown(), *own], flags)
        self.rendered = {row.reference: self.renderer.render(row) for row in said}

    def _shown(self):
        return [
            row
            for rows in self.recent.values()
            for same in by_kind(rows).values()
            for row in same[: self.flags.limit]
        ]

    def add_to(self, activity):
        """Return a rendered activity with the keys that were asked for."""
        subject = f"SA:{activity['id']}"
        keys = {}
        if self.flags.own:
            keys["own_reactions"] = self.renderer.render_by_kind(self.own.get(subject, []))
        if self.flags.recent:
            recent = by_kind(self.recent.get(subject, []))
            shown = [row for same in recent.values() for row in same[: self.flags.limit]]
            keys["latest_reactions"] = self.renderer.render_by_kind(shown)
            keys["latest_reactions_extra"] = {
                kind: {"next": self._next(activity["id"], same)} for kind, same in recent.items()
            }
        if self.flags.counts:
            keys["reaction_counts"] = self.counts.get(subject, {})
        return {**activity, **keys}

    def _next(self, activity_id, same):
        """Return the address of the page of reactions behind those shown, or "" at the end."""
        limit = self.flags.limit
        if len(same) <= limit or not limit:
            return ""
        own_children = str(self.flags.own_children).lower()
        last = same[limit - 1]
        query = {"id_lt": last.name, "limit": limit, "withOwnChildren": own_children}
        place = f"/api/v1.0/reaction/activity_id/{activity_id}/{quote(last.kind, safe='')}/"
        return f"{self.flags.origin}{place}?{urlencode(query)}"

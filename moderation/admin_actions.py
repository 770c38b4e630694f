"""What staff can decide about many cases at once."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms import SuspendForm
from accounts.services import lock_all_with_others
from accounts.staff import NAMED, Done, ReasonedAction, named
from moderation import decisions
from moderation.models import Case

# Each locks an author, a target and a case until all are done.
AT_ONCE = 100


def describe(cases):
    """Return how many things and authors are touched, and the first names of both."""
    rows = chosen(cases)
    things = named([row.name for row in rows], len(rows))
    authors = sorted({row.author.username for row in rows if row.author})
    text = ngettext("%(count)d case: %(things)s.", "%(count)d cases: %(things)s.", len(rows))
    parts = [text % {"count": len(rows), "things": things}]
    if authors:
        parts.append(_("By %(authors)s.") % {"authors": named(authors, len(authors))})
    if len(rows) == AT_ONCE:
        parts.append(_("At most %(most)d are decided at a time.") % {"most": AT_ONCE})
    return " ".join(parts)


def chosen(cases):
    """Return those of `cases` that an act is done to."""
    rows = cases.open().select_related("author")
    return list(rows.order_by("kind", "thing_id", "pk")[:AT_ONCE])


def each(decision):
    """Return the act that decides each case so.

    What somebody else decided meanwhile, or `by` may not decide, is left as it is, and said.
    """

    def perform(cases, *, by, **answers):
        rows, left = chosen(cases), []
        if decision == Case.Decision.SUSPENDED:
            lock_all_with_others([row.author for row in rows if row.author])
        for case in rows:
            try:
                decisions.decide(case=case, by=by, decision=decision, **answers)
            except decisions.AlreadyDecided as error:
                left.append(f"{case}: {told(error.case)}")
            except (PermissionDenied, ValidationError) as error:
                left.append(f"{case}: {get_text_list(getattr(error, 'messages', [error]))}")
        return Done(len(rows) - len(left), tuple(left[:NAMED]))

    return perform


def told(case):
    """Return the sentence that tells whoever comes second what the first decided."""
    text = _("%(name)s decided this a moment before you: %(decision)s. The reason: %(reason)s")
    return text % {
        "name": case.decided_by or _("Somebody"),
        "decision": case.get_decision_display(),
        "reason": case.reason,
    }


def decision(name, label, **options):
    return ReasonedAction(
        name=name,
        label=label,
        permission="moderation.decide_case",
        perform=each(Case.Decision[name.upper()]),
        describe=describe,
        **options,
    )


ON_CASES = [
    decision("dismissed", gettext_lazy("Dismiss…")),
    decision("hidden", gettext_lazy("Hide…")),
    decision("suspended", gettext_lazy("Suspend authors…"), form_class=SuspendForm),
    decision("upheld", gettext_lazy("Uphold (appeals)…")),
    decision("restored", gettext_lazy("Restore (appeals)…")),
]

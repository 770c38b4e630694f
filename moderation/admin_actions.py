"""Staff actions that decide many cases at once."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms import SuspendForm
from accounts.services import lock_all_affected
from accounts.staff import MAX_NAMES, ActionResult, ReasonedAction, list_names
from moderation import decisions
from moderation.models import Case

# Each case locks its author, its target and itself until all are decided.
MAX_PER_ACTION = 100


def describe(cases):
    """Return the number of cases and the first names of their targets and authors."""
    rows = decidable(cases)
    names = list_names([row.name for row in rows], len(rows))
    authors = sorted({row.author.username for row in rows if row.author})
    text = ngettext("%(count)d case: %(things)s.", "%(count)d cases: %(things)s.", len(rows))
    parts = [text % {"count": len(rows), "things": names}]
    if authors:
        parts.append(_("By %(authors)s.") % {"authors": list_names(authors, len(authors))})
    if len(rows) == MAX_PER_ACTION:
        parts.append(_("At most %(most)d are decided at a time.") % {"most": MAX_PER_ACTION})
    return " ".join(parts)


def decidable(cases):
    """Return the open ones of `cases` that one action decides, at most MAX_PER_ACTION."""
    rows = cases.open().select_related("author")
    return list(rows.order_by("kind", "thing_id", "pk")[:MAX_PER_ACTION])


def for_each(decision):
    """Return a function that makes `decision` on each of a queryset of cases.

    It skips and reports cases that were decided meanwhile or that `by` may not decide.
    """

    def perform(cases, *, by, **answers):
        rows, skipped = decidable(cases), []
        if decision == Case.Decision.SUSPENDED:
            lock_all_affected([row.author for row in rows if row.author])
        for case in rows:
            try:
                decisions.decide(case=case, by=by, decision=decision, **answers)
            except decisions.AlreadyDecided as error:
                skipped.append(f"{case}: {already_decided_message(error.case)}")
            except (PermissionDenied, ValidationError) as error:
                skipped.append(f"{case}: {get_text_list(getattr(error, 'messages', [error]))}")
        return ActionResult(len(rows) - len(skipped), tuple(skipped[:MAX_NAMES]))

    return perform


def already_decided_message(case):
    """Return the sentence that says who decided `case` first, and how."""
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
        perform=for_each(Case.Decision[name.upper()]),
        describe=describe,
        **options,
    )


CASE_ACTIONS = [
    decision("dismissed", gettext_lazy("Dismiss…")),
    decision("hidden", gettext_lazy("Hide…")),
    decision("suspended", gettext_lazy("Suspend authors…"), form_class=SuspendForm),
    decision("upheld", gettext_lazy("Uphold (appeals)…")),
    decision("restored", gettext_lazy("Restore (appeals)…")),
]

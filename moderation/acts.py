"""What staff can decide about many cases at once."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.forms import SuspendForm
from accounts.staff import ReasonedAction
from moderation import decisions
from moderation.models import Case

NAMED = 5


def describe(cases):
    """Return how many things and authors are touched, and the first names of both."""
    rows = list(cases.select_related("author").in_order_of_the_queue())
    things = named([row.title for row in rows])
    authors = named(sorted({row.author.username for row in rows if row.author}))
    text = ngettext("%(count)d case: %(things)s.", "%(count)d cases: %(things)s.", len(rows))
    text %= {"count": len(rows), "things": things}
    if not authors:
        return text
    return text + " " + _("By %(authors)s.") % {"authors": authors}


def named(names):
    """Return the first of `names`, and how many more there are."""
    shown = names[:NAMED]
    if len(names) > NAMED:
        shown.append(_("%(count)d more") % {"count": len(names) - NAMED})
    return get_text_list(shown, _("and"))


def each(decision):
    """Return the act that decides each case so, and counts those that it decided.

    What somebody else decided meanwhile, or `by` may not decide, is left as it is.
    """

    def perform(cases, *, by, **answers):
        count = 0
        for case in list(cases.open().order_by("kind", "thing_id", "pk")):
            try:
                decisions.decide(case=case, by=by, decision=decision, **answers)
            except (decisions.AlreadyDecided, PermissionDenied, ValidationError):
                continue
            count += 1
        return count

    return perform


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

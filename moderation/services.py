"""Reporting and asking for a second look, each in one transaction.

Here and in `moderation.decisions` are locked, in this order: people, the target, its case, the end
of the log, and what staff are notified by.
"""

from datetime import timedelta
from functools import partial

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import lock_people
from moderation import conf
from moderation.models import Case, Report
from moderation.things import kind_of
from notifications.services import notify
from rate_limits.limits import LimitExceeded
from transactions import atomically, lock_row

OPEN_REPORTS = "open_report_count"
DAY = timedelta(days=1)


@atomically
def report(*, reporter, target, reason, note=""):
    """Report `target` and return the Report: the open one where the same person has one already.

    Raises PermissionDenied for what is one's own, DoesNotExist for what is gone or hidden
    meanwhile, LimitExceeded beyond REPORTS_PER_DAY.
    """
    kind = kind_of(target)
    author = kind.author(target)
    if author == reporter:
        raise PermissionDenied(_("This is your own."))
    lock_people(reporter)
    target = as_shown(kind, target)
    existing = open_report(reporter, target)
    if existing:
        return existing
    check_rate(reporter)
    opened = {"title": kind.title(target)[:200], "author": author}
    case = _lock_open_case(kind.name, target.pk, opened)
    row = Report(case=case, reporter=reporter, reason=reason, note=note, copy=kind.copy(target))
    row.clean_fields(exclude=["case", "reporter", "copy"])
    row.save()
    case.report_count += 1
    case.save(update_fields=["report_count"])
    if case.report_count == 1:
        tell_staff()
    return row


def as_shown(kind, target):
    """Return `target` as it is now, locked if it can be hidden: a decision on it waits, or came."""
    if not kind.can_be_hidden:
        return kind.rows().get(pk=target.pk)
    row = lock_row(target)
    if row is None or row.is_hidden:
        raise kind.model.DoesNotExist(f"{target} is gone or hidden.")
    return row


def open_report(reporter, target):
    """Return the report of `reporter` on `target` that nobody has decided yet, or None."""
    cases = Case.objects.open().about(kind_of(target).name, target.pk)
    return Report.objects.filter(reporter=reporter, case__in=cases, case__is_appeal=False).first()


def check_rate(reporter):
    """Raise LimitExceeded if `reporter` has made REPORTS_PER_DAY reports within a day."""
    allowed = conf.get("REPORTS_PER_DAY")
    recent = Report.objects.filter(reporter=reporter).order_by("-id")
    times = list(recent.values_list("created_at", flat=True)[:allowed])
    if len(times) < allowed:
        return
    left = (times[-1] if times else timezone.now()) + DAY - timezone.now()
    if left > timedelta(0):
        raise LimitExceeded(left.total_seconds() + 1)


def _lock_open_case(kind, thing_id, opened):
    """Return the open case on a target, locked, opened with these fields where there is none."""
    while True:
        key = {"kind": kind, "thing_id": thing_id, "is_appeal": False, "decided_at": None}
        case, _created = Case.objects.get_or_create(**key, defaults=opened)
        # Decided between these two lines, it takes no more reports.
        still_open = Case.objects.select_for_update().open().filter(pk=case.pk).first()
        if still_open:
            return still_open


@atomically
def appeal(*, author, target, statement):
    """Ask for a second look at a hidden collection or link; return the case, and whether it is new.

    Once for each time that it was hidden. Raises PermissionDenied for what is somebody else's or
    is not hidden.
    """
    row = lock_row(target)
    if row is None or row.author != author or not row.is_hidden:
        raise PermissionDenied(_("Only its author can ask for a second look at what is hidden."))
    existing = appeal_of(row)
    if existing:
        return existing, False
    kind = kind_of(row)
    case = Case(
        kind=kind.name,
        thing_id=row.pk,
        is_appeal=True,
        hidden_at=row.hidden_at,
        title=kind.title(row)[:200],
        author=author,
        statement=statement,
        report_count=1,
    )
    case.clean_fields(exclude=["author"])
    case.save()
    tell_staff()
    return case, True


def appeal_of(target):
    """Return the appeal against the present hiding of `target`, or None."""
    cases = Case.objects.appeals().about(kind_of(target).name, target.pk)
    return cases.filter(hidden_at=target.hidden_at).first()


def tell_staff():
    """Let the badge of everyone on the staff show how many cases wait."""
    for person in staff().order_by("pk"):
        notify(person, OPEN_REPORTS, partial(count_open, person))


def count_open(person):
    """Return how many decisions `person` can be asked for: cases, however many reported each.

    Nobody decides, or is told of, what is reported of themselves.
    """
    return Case.objects.open().not_about(person).count()


def staff():
    return get_user_model().objects.filter(is_staff=True, is_active=True)

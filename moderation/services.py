"""Reports and appeals. `transactions` states the order of locks."""

from datetime import timedelta
from functools import partial

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import lock_people
from moderation import conf
from moderation.models import Case, Report
from moderation.reportables import type_of
from notifications.services import notify
from rate_limits.limits import LimitExceeded
from transactions import atomically, lock_row

OPEN_REPORTS = "open_report_count"
DAY = timedelta(days=1)


@atomically
def report(*, reporter, target, reason, note=""):
    """Report `target` and return the Report, or the reporter's open one if there is one.

    Raises PermissionDenied for the reporter's own, DoesNotExist for a target that is gone or hidden
    meanwhile, LimitExceeded beyond REPORTS_PER_DAY.
    """
    target_type = type_of(target)
    author = target_type.author(target)
    if author == reporter:
        raise PermissionDenied(_("This is your own."))
    lock_people(reporter)
    target = lock_visible(target_type, target)
    existing = open_report(reporter, target)
    if existing:
        return existing
    check_rate(reporter)
    opened = {"title": target_type.title(target)[:200], "author": author}
    case = _lock_open_case(target_type.name, target.pk, opened)
    copy = target_type.copy(target)
    row = Report(case=case, reporter=reporter, reason=reason, note=note, copy=copy)
    row.clean_fields(exclude=["case", "reporter", "copy"])
    row.save()
    case.report_count += 1
    case.save(update_fields=["report_count"])
    if case.report_count == 1:
        notify_staff()
    return row


def lock_visible(target_type, target):
    """Return the current row of `target`, locked if it can be hidden, so that no decision hides it.

    Raises DoesNotExist if it is gone or hidden.
    """
    if not target_type.can_be_hidden:
        return target_type.rows().get(pk=target.pk)
    row = lock_row(target)
    if row is None or row.is_hidden:
        raise target_type.model.DoesNotExist(f"{target} is gone or hidden.")
    return row


def open_report(reporter, target):
    """Return the undecided report of `reporter` on `target`, or None."""
    cases = Case.objects.open().about(type_of(target).name, target.pk)
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
    """Return the open case on a target, locked; create it with the fields `opened` if missing."""
    while True:
        key = {"kind": kind, "thing_id": thing_id, "is_appeal": False, "decided_at": None}
        case, _created = Case.objects.get_or_create(**key, defaults=opened)
        # The case may be decided before this query locks it: then it takes no more reports.
        still_open = Case.objects.select_for_update().open().filter(pk=case.pk).first()
        if still_open:
            return still_open


@atomically
def appeal(*, author, target, statement):
    """Appeal against hiding a collection or link; return the case and whether it is new.

    There is one appeal each time it is hidden. Raises PermissionDenied if `author` did not make
    `target` or it is not hidden.
    """
    row = lock_row(target)
    if row is None or row.author != author or not row.is_hidden:
        raise PermissionDenied(_("Only its author can ask for a second look at what is hidden."))
    existing = appeal_of(row)
    if existing:
        return existing, False
    target_type = type_of(row)
    case = Case(
        kind=target_type.name,
        thing_id=row.pk,
        is_appeal=True,
        hidden_at=row.hidden_at,
        title=target_type.title(row)[:200],
        author=author,
        statement=statement,
        report_count=1,
    )
    case.clean_fields(exclude=["author"])
    case.save()
    notify_staff()
    return case, True


def appeal_of(target):
    """Return the appeal against the current hiding of `target`, or None."""
    cases = Case.objects.appeals().about(type_of(target).name, target.pk)
    return cases.filter(hidden_at=target.hidden_at).first()


def notify_staff():
    """Notify all staff of their number of open cases."""
    for person in staff().order_by("pk"):
        notify(person, OPEN_REPORTS, partial(count_open, person))


def count_open(person):
    """Return the number of open cases that `person` may see: not those about themselves."""
    return Case.objects.open().not_about(person).count()


def staff():
    return get_user_model().objects.filter(is_staff=True, is_active=True)

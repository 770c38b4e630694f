"""Monthly numbers of moderation, without names."""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from accounts.staff import StaffAction
from moderation.models import Case, LogRecord, Report

MAX_MONTHS = 12

COUNTED_ACTIONS = [
    StaffAction.HIDDEN,
    StaffAction.RESTORED,
    StaffAction.SUSPENDED,
    StaffAction.LIFTED,
]


@dataclass(frozen=True, order=True)
class Month:
    """A month in UTC; as a text, "2026-11"."""

    year: int
    number: int

    def __str__(self):
        return f"{self.year:04}-{self.number:02}"

    @property
    def begin(self):
        return datetime(self.year, self.number, 1, tzinfo=UTC)

    @property
    def end(self):
        days = calendar.monthrange(self.year, self.number)[1]
        return self.begin + timedelta(days=days)

    @property
    def before(self):
        last = self.begin - timedelta(days=1)
        return Month(last.year, last.month)


def months():
    """Return this month and the eleven before it, newest first."""
    now = timezone.now().astimezone(UTC)
    listed = [Month(now.year, now.month)]
    while len(listed) < MAX_MONTHS:
        listed.append(listed[-1].before)
    return listed


def parse_month(text, among):
    """Return the month of `among` called `text`, the first for None; raise ValueError if none."""
    if text is None:
        return among[0]
    return among[[str(month) for month in among].index(text)]


def of_month(month):
    """Return the numbers of `month`, in five queries."""
    during = {"gte": month.begin, "lt": month.end}
    reports = _counts(Report.objects.all(), "created_at", during, "reason")
    cases = Case.objects.filter(is_appeal=False)
    appeals = Case.objects.appeals()
    records = LogRecord.objects.filter(act__in=COUNTED_ACTIONS)
    return {
        "report_count": sum(reports.values()),
        "reports": _labelled(Report.Reason, reports),
        "decisions": _labelled(Case.Decision, _counts(cases, "decided_at", during, "decision")),
        "appeal_count": sum(_counts(appeals, "opened_at", during, "kind").values()),
        "appeals": _labelled(Case.Decision, _counts(appeals, "decided_at", during, "decision")),
        "staff_actions": _labelled(StaffAction, _counts(records, "made_at", during, "act")),
    }


def _counts(rows, moment, during, field):
    """Return the number of `rows` in the period `during` by value of `field`."""
    in_period = rows.filter(**{f"{moment}__{lookup}": value for lookup, value in during.items()})
    return dict(in_period.order_by().values_list(field).annotate(Count("pk")))


def _labelled(choices, counts):
    return [(choice.label, counts[choice.value]) for choice in choices if choice.value in counts]

"""Several at once, on real connections; on SQLite one simply waits for the other."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.services import suspend
from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app import services as collections
from collections_app.tests.factories import ContentFactory
from messaging.services import send
from moderation import log, services
from moderation.admin_actions import CASE_ACTIONS
from moderation.decisions import AlreadyDecided, Decision, decide
from moderation.models import Case, LogRecord, Report
from moderation.tests.factories import make_report
from notifications.models import Notification
from rate_limits.limits import LimitExceeded
from tests.threads import run_at_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def link():
    return ContentFactory(title="Python")


def deciding(case, by, decision):
    return lambda: decide(
        case=Case.objects.get(pk=case.pk), by=by, decision=decision, reason=str(by)
    )


@pytest.mark.parametrize("_round", range(5))
@pytest.mark.parametrize("first", [Decision.HIDDEN, Decision.SUSPENDED, Decision.DISMISSED])
def test_concurrent_decisions_one_wins(link, first, _round):
    case, moderators = make_report(link).case, ModeratorFactory.create_batch(2)
    calls = [
        deciding(case, moderators[0], first),
        deciding(case, moderators[1], Decision.HIDDEN),
    ]
    results = run_at_once(calls, expected=AlreadyDecided)
    refused = [result for result in results if isinstance(result, AlreadyDecided)]
    decided = [result for result in results if isinstance(result, Case)]
    assert (len(refused), len(decided)) == (1, 1)
    assert refused[0].case.decision == decided[0].decision
    assert LogRecord.objects.count() == 1
    assert list(log.check()) == []


def test_decision_and_direct_hiding_do_not_deadlock(link):
    case, moderators = make_report(link).case, ModeratorFactory.create_batch(2)
    results = run_at_once(
        [
            deciding(case, moderators[0], Decision.HIDDEN),
            lambda: collections.hide(target=link, by=moderators[1], reason="Spam."),
        ],
        expected=AlreadyDecided,
    )
    assert len(results) == 2
    case.refresh_from_db()
    assert case.decision == "hidden"
    assert LogRecord.objects.filter(act="hidden").count() == 1


def test_concurrent_reports_make_one_case(link):
    moderator, people = ModeratorFactory(), UserFactory.create_batch(8)
    run_at_once([lambda person=person: make_report(link, reporter=person) for person in people])
    case = Case.objects.get()
    assert case.report_count == case.reports.count() == 8
    assert Notification.objects.get(user=moderator).payload == 1


def test_repeated_reports_make_one(link):
    person = UserFactory()
    run_at_once([lambda: make_report(link, reporter=person)] * 8)
    assert Report.objects.count() == Case.objects.get().report_count == 1


def test_nobody_gets_past_the_days_limit_by_haste(settings):
    settings.REPORTS_PER_DAY = 3
    person, links = UserFactory(), ContentFactory.create_batch(8)
    run_at_once(
        [lambda link=link: make_report(link, reporter=person) for link in links],
        expected=LimitExceeded,
    )
    assert Report.objects.count() == 3


def test_badge_after_concurrent_changes(link):
    moderators = ModeratorFactory.create_batch(3)
    cases = [make_report(ContentFactory()).case for _number in range(3)]
    calls = [
        deciding(case, by, Decision.DISMISSED) for case, by in zip(cases, moderators, strict=True)
    ]
    calls += [lambda: make_report(ContentFactory()) for _number in range(3)]
    run_at_once(calls)
    assert set(Notification.objects.values_list("payload", flat=True)) == {3}


def test_report_during_decision(link):
    case, moderator = make_report(link).case, ModeratorFactory()
    run_at_once(
        [deciding(case, moderator, Decision.DISMISSED), lambda: make_report(link)],
    )
    for row in Case.objects.all():
        assert row.report_count == row.reports.count()
    assert Report.objects.count() == 2


def test_bulk_decisions_do_not_deadlock():
    first, second = ModeratorFactory.create_batch(2)
    cases = [make_report(ContentFactory()).case for _number in range(10)]
    keys = [case.pk for case in cases]
    hide = next(action for action in CASE_ACTIONS if action.name == "hidden")
    dismiss = next(action for action in CASE_ACTIONS if action.name == "dismissed")

    def perform(action, by):
        chosen = Case.objects.filter(pk__in=keys)
        return lambda: action.run(chosen, by=by, reason="Because.").count

    assert sum(run_at_once([perform(hide, first), perform(dismiss, second)])) == 10
    assert not Case.objects.open().exists()
    assert LogRecord.objects.count() == 10
    assert list(log.check()) == []


@pytest.mark.parametrize("_round", range(5))
def test_bulk_and_single_actions_finish(_round):
    """Lock targets, cases, the log's head and the staff's cursors in concurrent actions."""
    moderators = ModeratorFactory.create_batch(3)
    links = ContentFactory.create_batch(6)
    keys = [make_report(link).case.pk for link in links]
    suspend_authors = next(action for action in CASE_ACTIONS if action.name == "suspended")
    chosen = Case.objects.filter(pk__in=keys)
    singles = [
        lambda link=link: collections.hide(target=link, by=moderators[1], reason="Spam.")
        for link in reversed(links)
    ]
    writing = [
        lambda link=link: send(sender=link.author, recipient=moderators[2], body="Hello.")
        for link in links
    ]
    bulk = lambda: suspend_authors.run(chosen, by=moderators[0], reason="Spam.")  # noqa: E731
    run_at_once([bulk, *singles, *writing], expected=PermissionDenied)
    assert not Case.objects.open().exists()
    assert list(log.check()) == []


def test_check_during_actions_finds_nothing():
    moderator, people = ModeratorFactory(), UserFactory.create_batch(6)

    def check_often():
        return [str(problem) for _number in range(20) for problem in log.check()]

    calls = [
        lambda person=person: suspend(person=person, by=moderator, reason="Spam.")
        for person in people
    ]
    assert run_at_once([check_often, *calls])[0] == []


def test_concurrent_actions_leave_no_gap():
    moderators, people = ModeratorFactory.create_batch(4), UserFactory.create_batch(8)
    run_at_once(
        [
            lambda by=by, person=person: suspend(person=person, by=by, reason="Spam.")
            for by, person in zip(moderators * 2, people, strict=True)
        ]
    )
    assert list(log.check()) == []
    positions = list(LogRecord.objects.order_by("position").values_list("position", flat=True))
    assert positions == list(range(1, 9))


def test_of_appeals_sent_twice_there_is_one(link):
    moderator = ModeratorFactory()
    collections.hide(target=link, by=moderator, reason="Spam.")
    author = link.author

    def ask():
        return services.appeal(author=author, target=link, statement="It is fine.")[1]

    assert sorted(run_at_once([ask] * 4)) == [False, False, False, True]

"""Several at once, on real connections; on SQLite one simply waits for the other."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.services import suspend
from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app import services as collections
from collections_app.tests.factories import ContentFactory
from messaging.services import send
from moderation import log, services
from moderation.admin_actions import ON_CASES
from moderation.decisions import AlreadyDecided, Decision, decide
from moderation.models import Case, LogRecord, Report
from moderation.tests.factories import make_report
from notifications.models import Notification
from rate_limits.limits import LimitExceeded
from tests.threads import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def link():
    return ContentFactory(title="Python")


def deciding(case, by, decision):
    return lambda: decide(
        case=Case.objects.get(pk=case.pk), by=by, decision=decision, reason=str(by)
    )


@pytest.mark.parametrize("_round", range(5))
@pytest.mark.parametrize("first", [Decision.HIDDEN, Decision.SUSPENDED, Decision.DISMISSED])
def test_of_two_who_decide_at_once_one_does_and_the_other_is_told(link, first, _round):
    case, moderators = make_report(link).case, ModeratorFactory.create_batch(2)
    acts = [
        deciding(case, moderators[0], first),
        deciding(case, moderators[1], Decision.HIDDEN),
    ]
    results = run_at_once(acts, expected=AlreadyDecided)
    told = [result for result in results if isinstance(result, AlreadyDecided)]
    decided = [result for result in results if isinstance(result, Case)]
    assert (len(told), len(decided)) == (1, 1)
    assert told[0].case.decision == decided[0].decision
    assert LogRecord.objects.count() == 1
    assert list(log.check()) == []


def test_a_decision_and_the_same_act_on_its_own_page_do_not_wait_for_each_other(link):
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


def test_many_who_report_one_thing_are_one_case_and_counted_right(link):
    moderator, people = ModeratorFactory(), UserFactory.create_batch(8)
    run_at_once([lambda person=person: make_report(link, reporter=person) for person in people])
    case = Case.objects.get()
    assert case.report_count == case.reports.count() == 8
    assert Notification.objects.get(user=moderator).payload == 1


def test_one_person_who_reports_one_thing_many_times_has_one_report(link):
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


def test_the_badge_is_right_when_reports_and_decisions_meet(link):
    moderators = ModeratorFactory.create_batch(3)
    cases = [make_report(ContentFactory()).case for _number in range(3)]
    acts = [
        deciding(case, by, Decision.DISMISSED) for case, by in zip(cases, moderators, strict=True)
    ]
    acts += [lambda: make_report(ContentFactory()) for _number in range(3)]
    run_at_once(acts)
    assert set(Notification.objects.values_list("payload", flat=True)) == {3}


def test_a_report_on_what_is_being_decided_is_new_or_decided_with_it(link):
    case, moderator = make_report(link).case, ModeratorFactory()
    run_at_once(
        [deciding(case, moderator, Decision.DISMISSED), lambda: make_report(link)],
    )
    for row in Case.objects.all():
        assert row.report_count == row.reports.count()
    assert Report.objects.count() == 2


def test_bulk_decisions_that_meet_in_another_order_are_all_made():
    first, second = ModeratorFactory.create_batch(2)
    cases = [make_report(ContentFactory()).case for _number in range(10)]
    keys = [case.pk for case in cases]
    hide = next(act for act in ON_CASES if act.name == "hidden")
    dismiss = next(act for act in ON_CASES if act.name == "dismissed")

    def perform(act, by):
        chosen = Case.objects.filter(pk__in=keys)
        return lambda: act.do(chosen, by=by, reason="Because.").count

    assert sum(run_at_once([perform(hide, first), perform(dismiss, second)])) == 10
    assert not Case.objects.open().exists()
    assert LogRecord.objects.count() == 10
    assert list(log.check()) == []


@pytest.mark.parametrize("_round", range(5))
def test_bulk_acts_and_single_ones_end_however_they_meet(_round):
    """Each waits for things, cases, the end of the log and the staff's badges."""
    moderators = ModeratorFactory.create_batch(3)
    links = ContentFactory.create_batch(6)
    keys = [make_report(link).case.pk for link in links]
    suspend_authors = next(act for act in ON_CASES if act.name == "suspended")
    chosen = Case.objects.filter(pk__in=keys)
    singles = [
        lambda link=link: collections.hide(target=link, by=moderators[1], reason="Spam.")
        for link in reversed(links)
    ]
    writing = [
        lambda link=link: send(sender=link.author, recipient=moderators[2], body="Hello.")
        for link in links
    ]
    bulk = lambda: suspend_authors.do(chosen, by=moderators[0], reason="Spam.")  # noqa: E731
    run_at_once([bulk, *singles, *writing], expected=PermissionDenied)
    assert not Case.objects.open().exists()
    assert list(log.check()) == []


def test_a_check_beside_those_who_act_finds_nothing():
    moderator, people = ModeratorFactory(), UserFactory.create_batch(6)

    def check_often():
        return [str(problem) for _number in range(20) for problem in log.check()]

    acts = [
        lambda person=person: suspend(person=person, by=moderator, reason="Spam.")
        for person in people
    ]
    assert run_at_once([check_often, *acts])[0] == []


def test_the_log_has_no_gap_however_many_act_at_once():
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

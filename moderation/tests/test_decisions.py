import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import services as accounts
from accounts.admin_actions import USER_ACTIONS
from accounts.tests.factories import ModeratorFactory, SuperuserFactory
from collections_app import services as collections
from collections_app.models import Content
from collections_app.tests.factories import ContentFactory
from messaging.tests.factories import MessageFactory
from moderation import services
from moderation.decisions import AlreadyDecided, Decision, decide, read_message
from moderation.models import Case, LogRecord, Report
from moderation.tests.factories import make_report

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(link):
    make_report(link)
    return make_report(link).case


def settle(case, by, decision, reason="Because."):
    return decide(case=case, by=by, decision=decision, reason=reason)


def logged_actions():
    return list(LogRecord.objects.order_by("position").values_list("act", flat=True))


class TestReports:
    def test_dismissing_closes_the_case_and_leaves_the_thing(self, case, link, mo, badge):
        decided = settle(case, mo, Decision.DISMISSED, "Nothing wrong.")
        assert not decided.is_open
        assert (decided.decision, decided.decided_by) == ("dismissed", mo)
        assert Content.objects.visible().filter(pk=link.pk).exists()
        assert logged_actions() == ["dismissed"]
        assert badge(mo) == 0

    def test_hide_is_one_log_record(self, case, link, mo, badge):
        decided = settle(case, mo, Decision.HIDDEN, "Spam.")
        assert (decided.decision, decided.reason) == ("hidden", "Spam.")
        assert not Content.objects.visible().filter(pk=link.pk).exists()
        assert logged_actions() == ["hidden"]
        assert badge(mo) == 0

    def test_suspend_author_closes_case(self, case, ana, mo):
        assert settle(case, mo, Decision.SUSPENDED).decision == "suspended"
        ana.refresh_from_db()
        assert ana.is_suspended
        assert logged_actions() == ["suspended"]

    def test_suspend_closes_reports_on_person(self, ana, mo):
        case = make_report(ana).case
        assert settle(case, mo, Decision.SUSPENDED).decision == "suspended"
        assert logged_actions() == ["suspended"]

    def test_other_things_of_a_suspended_author_wait_on(self, case, collection, mo):
        other = make_report(collection).case
        settle(case, mo, Decision.SUSPENDED)
        other.refresh_from_db()
        assert other.is_open

    def test_hiding_elsewhere_closes_case(self, case, link, mo, badge):
        collections.hide(target=link, by=mo, reason="Spam.")
        case.refresh_from_db()
        assert (case.decision, case.decided_by, case.reason) == ("hidden", mo, "Spam.")
        assert badge(mo) == 0

    def test_deleting_by_staff_closes_the_case(self, case, link, mo):
        collections.delete(target=link, by=mo, reason="Illegal.")
        case.refresh_from_db()
        assert case.decision == "deleted"

    def test_deleting_by_its_author_does_not(self, case, link, mo):
        collections.delete_link(link=link)
        case.refresh_from_db()
        assert case.is_open
        with pytest.raises(ValidationError):
            settle(case, mo, Decision.HIDDEN)
        assert settle(case, mo, Decision.DISMISSED).decision == "dismissed"

    def test_second_decision_is_refused(self, case, mo, max_):
        settle(case, mo, Decision.HIDDEN, "Spam.")
        with pytest.raises(AlreadyDecided) as refusal:
            settle(case, max_, Decision.DISMISSED)
        assert (refusal.value.case.decided_by, refusal.value.case.decision) == (mo, "hidden")
        assert logged_actions() == ["hidden"]

    @pytest.mark.parametrize("decision", [Decision.UPHELD, Decision.RESTORED, "nonsense"])
    def test_only_what_is_offered_can_be_decided(self, case, mo, decision):
        with pytest.raises(ValidationError):
            settle(case, mo, decision)

    def test_people_and_messages_cannot_be_hidden(self, ana, mo):
        with pytest.raises(ValidationError):
            settle(make_report(ana).case, mo, Decision.HIDDEN)

    @pytest.mark.parametrize("whole", ["collection", "account"])
    def test_deletion_closes_dependent_cases(self, case, ana, mo, whole):
        root = SuperuserFactory()
        if whole == "collection":
            collections.delete(target=ana.collections.get(), by=root, reason="Illegal.")
        else:
            next(action for action in USER_ACTIONS if action.name == "delete").run(
                type(ana).objects.filter(pk=ana.pk), by=root, reason="Illegal."
            )
        case.refresh_from_db()
        assert (case.decision, case.decided_by) == ("deleted", root)

    def test_an_account_that_goes_meanwhile_cannot_be_suspended(self, case, ana, mo):
        stale = Case.objects.select_related("author").get(pk=case.pk)
        accounts.delete_person(ana)
        with pytest.raises(ValidationError):
            settle(stale, mo, Decision.SUSPENDED)

    def test_what_is_hidden_meanwhile_is_not_reported(self, link, mo):
        stale = Content.objects.get(pk=link.pk)
        collections.hide(target=link, by=mo, reason="Spam.")
        with pytest.raises(Content.DoesNotExist):
            make_report(stale)

    def test_members_decide_nothing(self, case, ben):
        with pytest.raises(PermissionDenied):
            settle(case, ben, Decision.DISMISSED)

    def test_nobody_decides_about_themselves(self, mo):
        case = make_report(mo).case
        with pytest.raises(PermissionDenied):
            settle(case, mo, Decision.DISMISSED)

    def test_moderators_cannot_suspend_staff_by_a_report(self, mo, max_):
        case = make_report(max_).case
        with pytest.raises(PermissionDenied):
            settle(case, mo, Decision.SUSPENDED)
        case.refresh_from_db()
        assert case.is_open


class TestAppeals:
    @pytest.fixture
    def appeal(self, link, ana, mo):
        collections.hide(target=link, by=mo, reason="Spam.")
        return services.appeal(author=ana, target=link, statement="It is fine.")[0]

    def test_another_moderator_restores_under_the_same_key(self, appeal, link, max_, badge):
        assert settle(appeal, max_, Decision.RESTORED, "True.").decision == "restored"
        assert Content.objects.visible().filter(pk=link.pk).exists()
        assert logged_actions() == ["hidden", "restored"]
        assert badge(max_) == 0

    def test_another_moderator_upholds(self, appeal, link, max_):
        settle(appeal, max_, Decision.UPHELD, "It is spam.")
        link.refresh_from_db()
        assert link.is_hidden
        assert logged_actions() == ["hidden", "upheld"]

    def test_hider_decides_only_if_alone(self, appeal, mo):
        other = ModeratorFactory()
        with pytest.raises(PermissionDenied):
            settle(appeal, mo, Decision.RESTORED)
        accounts.delete_person(other)
        assert settle(appeal, mo, Decision.RESTORED).decision == "restored"

    def test_restoring_from_its_own_page_grants_the_appeal(self, appeal, link, max_):
        collections.restore(target=link, by=max_, reason="True.")
        appeal.refresh_from_db()
        assert appeal.decision == "restored"

    def test_author_cannot_restore_own(self, mo, max_):
        link = ContentFactory(collection__author=mo)
        collections.hide(target=link, by=max_, reason="Spam.")
        with pytest.raises(PermissionDenied):
            collections.restore(target=link, by=mo, reason="Mine.")

    def test_deleted_target_can_only_be_upheld(self, appeal, link, max_):
        collections.delete_link(link=link)
        with pytest.raises(ValidationError):
            settle(appeal, max_, Decision.RESTORED)
        assert settle(appeal, max_, Decision.UPHELD).decision == "upheld"

    def test_an_appeal_is_no_report(self, appeal, link, mo, max_):
        collections.restore(target=link, by=max_, reason="True.")
        report = make_report(link)
        assert report.case != appeal
        assert Case.objects.open().get() == report.case


class TestMessages:
    def test_the_log_does_not_name_the_reporter(self, ana, mo):
        message = MessageFactory(sender=ana)
        case = make_report(message, reporter=message.recipient).case
        settle(case, mo, Decision.DISMISSED)
        assert LogRecord.objects.get().thing_text == "A message from @ana"

    def test_reading_one_is_written_down(self, ana, mo):
        message = MessageFactory(sender=ana, body="A secret.")
        report = make_report(message, reporter=message.recipient)
        assert read_message(report, by=mo)["body"] == "A secret."
        record = LogRecord.objects.get()
        assert (record.act, record.staff_name) == ("message_read", "mo")
        assert "secret" not in record.thing_text


class TestDeletedAccounts:
    def test_open_case_keeps_copies(self, case, ana, mo):
        accounts.delete_person(ana)
        case.refresh_from_db()
        assert case.reports.first().copy["title"] == "Python"
        settle(case, mo, Decision.DISMISSED)
        assert list(Report.objects.values_list("copy", flat=True)) == [{}, {}]
        assert Case.objects.get().name == "Deleted: link"

    def test_what_is_decided_keeps_none(self, case, ana, mo):
        settle(case, mo, Decision.DISMISSED)
        accounts.delete_person(ana)
        assert list(Report.objects.values_list("copy", flat=True)) == [{}, {}]
        assert Case.objects.get().name == "Deleted: link"
        assert Case.objects.get().reason == ""

    def test_a_deleted_author_cannot_be_suspended(self, case, ana, mo):
        accounts.delete_person(ana)
        case.refresh_from_db()
        with pytest.raises(ValidationError):
            settle(case, mo, Decision.SUSPENDED)

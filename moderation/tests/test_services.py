from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.services import delete_person
from accounts.tests.factories import UserFactory
from collections_app import services as collections
from messaging.tests.factories import MessageFactory
from moderation import services
from moderation.models import Case, Report
from moderation.tests.factories import make_report
from rate_limits.limits import LimitExceeded

pytestmark = pytest.mark.django_db


class TestReporting:
    def test_all_reports_on_one_thing_are_one_case(self, link, ben):
        first, second = make_report(link, reporter=ben), make_report(link)
        assert first.case == second.case
        assert Case.objects.get().report_count == 2

    def test_another_thing_is_another_case(self, link, collection):
        assert make_report(link).case != make_report(collection).case

    def test_report_twice_keeps_one(self, link, ben):
        first = make_report(link, reporter=ben, note="First.")
        assert make_report(link, reporter=ben, note="Second.") == first
        assert Report.objects.get().note == "First."
        assert Case.objects.get().report_count == 1

    def test_a_thing_decided_about_can_be_reported_again(self, link, ben, mo):
        first = make_report(link, reporter=ben)
        collections.hide(target=link, by=mo, reason="Spam.")
        collections.restore(target=link, by=mo, reason="A mistake.")
        assert make_report(link, reporter=ben).case != first.case

    def test_a_copy_outlives_what_its_author_does(self, link, ana):
        report = make_report(link)
        collections.update_link(link=link, url=link.url, title="Harmless", description="")
        collections.delete_link(link=link)
        report.refresh_from_db()
        assert report.copy["title"] == "Python"
        assert report.copy["url"] == "https://www.python.org/"

    @pytest.mark.parametrize("kind", ["person", "collection", "link", "message"])
    def test_copy_and_author_of_each_type(self, kind, ana, collection, link):
        message = MessageFactory(sender=ana, body="Buy this.")
        target = {"person": ana, "collection": collection, "link": link, "message": message}[kind]
        report = make_report(target, reporter=message.recipient)
        assert (report.case.kind, report.case.author) == (kind, ana)
        assert "ana" in report.copy.values()

    def test_message_case_name_omits_text(self, ana):
        message = MessageFactory(sender=ana, body="A secret.")
        report = make_report(message, reporter=message.recipient)
        assert report.copy["body"] == "A secret."
        assert report.case.name == "A message from @ana"

    def test_nobody_reports_what_is_their_own(self, link, ana):
        with pytest.raises(PermissionDenied):
            make_report(link, reporter=ana)

    def test_reports_have_a_reason_out_of_the_list(self, link):
        with pytest.raises(ValidationError):
            make_report(link, reason="boredom")

    def test_notes_have_at_most_500_characters(self, link):
        make_report(link, note="n" * 500)
        with pytest.raises(ValidationError):
            make_report(link, note="n" * 501)

    def test_the_badge_of_all_staff_counts_what_waits(self, link, collection, mo, max_, badge):
        make_report(link)
        make_report(link)
        make_report(collection)
        assert (badge(mo), badge(max_)) == (2, 2)

    def test_deleted_reporter_has_no_name(self, link, ben):
        report = make_report(link, reporter=ben, note="Look.")
        delete_person(ben)
        report.refresh_from_db()
        assert (report.reporter, report.note) == (None, "Look.")


class TestTheDaysLimit:
    @pytest.fixture(autouse=True)
    def two_a_day(self, settings):
        settings.REPORTS_PER_DAY = 2

    def test_reports_per_day_are_limited(self, link, collection, ana):
        ben = UserFactory()
        make_report(link, reporter=ben)
        make_report(collection, reporter=ben)
        with pytest.raises(LimitExceeded) as refusal:
            make_report(ana, reporter=ben)
        assert 0 < refusal.value.seconds <= 86_400
        assert Report.objects.count() == 2

    def test_the_day_is_the_last_24_hours(self, link, collection, ana, ben):
        make_report(link, reporter=ben)
        make_report(collection, reporter=ben)
        Report.objects.update(created_at=timezone.now() - timedelta(hours=24))
        assert make_report(ana, reporter=ben)

    def test_repeated_report_is_not_limited(self, link, collection, ben):
        first = make_report(link, reporter=ben)
        make_report(collection, reporter=ben)
        assert make_report(link, reporter=ben) == first

    def test_others_are_not_held_back(self, link, collection, ana, ben):
        for target in (link, collection):
            make_report(target, reporter=ben)
        assert make_report(ana)


class TestAppealing:
    @pytest.fixture
    def hidden(self, link, mo):
        collections.hide(target=link, by=mo, reason="Spam.")
        link.refresh_from_db()
        return link

    def test_the_author_of_a_hidden_thing_asks_once(self, hidden, ana, mo, badge):
        case, is_new = services.appeal(author=ana, target=hidden, statement="It is fine.")
        assert is_new
        assert badge(mo) == 1
        again, is_new = services.appeal(author=ana, target=hidden, statement="Really.")
        assert (again, is_new) == (case, False)
        assert Case.objects.get().statement == "It is fine."

    def test_hidden_anew_it_can_be_asked_for_anew(self, hidden, ana, mo):
        first, _is_new = services.appeal(author=ana, target=hidden, statement="It is fine.")
        collections.restore(target=hidden, by=mo, reason="True.")
        collections.hide(target=hidden, by=mo, reason="After all.")
        second, is_new = services.appeal(author=ana, target=hidden, statement="Again?")
        assert is_new
        assert first != second

    def test_nobody_else_can_ask(self, hidden, ben):
        with pytest.raises(PermissionDenied):
            services.appeal(author=ben, target=hidden, statement="Please.")

    def test_what_is_shown_needs_no_second_look(self, link, ana):
        with pytest.raises(PermissionDenied):
            services.appeal(author=ana, target=link, statement="Why not.")

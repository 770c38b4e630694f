import pytest
from django.urls import reverse

from accounts.services import delete_person
from accounts.tests.factories import ModeratorFactory, SuperuserFactory
from collections_app import services as collections
from collections_app.models import Content
from collections_app.tests.factories import ContentFactory
from messaging.tests.factories import MessageFactory
from moderation import services
from moderation.models import Case, LogRecord
from moderation.tests.factories import make_report

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:moderation_case_changelist")
LOG = reverse("admin:moderation_logrecord_changelist")


def page_of(case, name="change", *more):
    return reverse(f"admin:moderation_case_{name}", args=[case.pk, *more])


@pytest.fixture
def case(link):
    return make_report(link, note="It sells.").case


@pytest.fixture
def staff(signed_in, mo):
    return signed_in(mo)


def titles(page):
    return [case.title for case in page.context["cl"].result_list]


class TestQueue:
    def test_queue_order(self, staff, link):
        once, twice, later = link, ContentFactory(title="Twice"), ContentFactory(title="Later")
        for target in (once, twice, twice, later):
            make_report(target)
        assert titles(staff.get(QUEUE)) == ["Twice", "Python", "Later"]

    def test_it_shows_what_waits_unless_asked_for_more(self, staff, mo, case, link):
        collections.hide(target=link, by=mo, reason="Spam.")
        assert titles(staff.get(QUEUE)) == []
        assert titles(staff.get(QUEUE, {"state": "decided"})) == ["Python"]
        assert titles(staff.get(QUEUE, {"state": "all"})) == ["Python"]

    @pytest.mark.parametrize("query", [{"kind": "link"}, {"is_appeal__exact": 0}, {"q": "ana"}])
    def test_it_is_filtered_and_searched(self, staff, case, query):
        assert titles(staff.get(QUEUE, query)) == ["Python"]

    def test_it_is_for_staff(self, signed_in, ben, case):
        for address in (QUEUE, page_of(case), LOG):
            assert signed_in(ben).get(address).status_code in {302, 403}

    def test_its_queries_do_not_grow(self, staff, case, queries_of):
        one = queries_of(staff, QUEUE)
        for _number in range(20):
            make_report(ContentFactory())
        assert queries_of(staff, QUEUE) == one <= 16


class TestCase:
    def test_it_holds_all_that_helps_to_decide(self, staff, case, link, mo):
        other = ContentFactory(collection=link.collection, title="Another target")
        collections.hide(target=other, by=mo, reason="Earlier spam.")
        page = staff.get(page_of(case)).text
        for text in ["Python", "https://www.python.org/", "It sells.", "@ana", "Another target"]:
            assert text in page

    def test_it_says_what_changed_since(self, staff, case, link):
        collections.update_link(link=link, url=link.url, title="Harmless", description="")
        page = staff.get(page_of(case)).text
        assert "Harmless" in page
        assert "Changed since it was reported" in page
        collections.delete_link(link=link)
        assert "It has been deleted since." in staff.get(page_of(case)).text

    def test_its_queries_do_not_grow(self, staff, case, link, queries_of):
        one = queries_of(staff, page_of(case))
        for _number in range(15):
            make_report(link)
            make_report(ContentFactory(collection=link.collection))
        assert queries_of(staff, page_of(case)) <= one + 1 <= 22

    def test_reported_moderator_sees_no_reporters(self, staff, mo, ben):
        link = ContentFactory(collection__author=mo, title="By the moderator")
        case = make_report(link, reporter=ben, note="Ben says so.").case
        assert staff.get(page_of(case)).status_code == 404
        assert titles(staff.get(QUEUE)) == []
        assert services.count_open(mo) == 0
        data = {"decision": "dismissed", "reason": "Fine."}
        assert staff.post(page_of(case, "decide"), data).status_code == 404

    @pytest.mark.slow
    def test_many_new_reports_bury_no_old_copy(self, staff, case, link, settings):
        collections.update_link(link=link, url=link.url, title="Harmless", description="")
        for _number in range(110):
            make_report(link)
        assert "Python" in staff.get(page_of(case)).text

    def test_an_unknown_one_is_a_404(self, staff, case):
        for key in ("999", "x", "9" * 30, "9" * 5000):
            assert staff.get(f"{QUEUE}{key}/change/").status_code == 404
        assert staff.get(f"{QUEUE}{case.pk}/act/hidden/").status_code == 404

    def test_pages_of_every_kind_open(self, staff, ana, collection, link, mo):
        message = MessageFactory(sender=ana)
        for target in (ana, collection, link):
            assert staff.get(page_of(make_report(target).case)).status_code == 200
        report = make_report(message, reporter=message.recipient)
        assert staff.get(page_of(report.case)).status_code == 200
        delete_person(ana)
        for case in Case.objects.all():
            assert staff.get(page_of(case)).status_code == 200


class TestDeciding:
    def test_a_link_is_hidden_from_the_page(self, staff, case, link):
        answer = staff.post(page_of(case, "decide"), {"decision": "hidden", "reason": "Spam."})
        assert answer.url == QUEUE
        assert not Content.objects.visible().filter(pk=link.pk).exists()
        assert "Hidden" in staff.get(page_of(case)).text

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"decision": "hidden"},
            {"decision": "restored", "reason": "No."},
            {"decision": "suspended", "reason": "Spam.", "until": "2001-01-01T00:00"},
        ],
    )
    def test_a_bad_decision_is_a_form_error(self, staff, case, data):
        answer = staff.post(page_of(case, "decide"), data)
        assert answer.status_code == 422
        case.refresh_from_db()
        assert case.is_open

    def test_second_moderator_sees_first_decision(self, staff, signed_in, case, max_):
        staff.post(page_of(case, "decide"), {"decision": "hidden", "reason": "Spam."})
        client = signed_in(max_)
        data = {"decision": "dismissed", "reason": "Fine."}
        page = client.post(page_of(case, "decide"), data, follow=True)
        assert "Mo decided this a moment before you: Hidden." in page.text
        assert LogRecord.objects.count() == 1

    def test_deleted_target_cannot_be_hidden(self, staff, case, link):
        collections.delete_link(link=link)
        data = {"decision": "hidden", "reason": "Spam."}
        answer = staff.post(page_of(case, "decide"), data)
        assert answer.status_code == 422
        assert "It has been deleted" in answer.text

    def test_who_hid_it_sees_why_they_cannot_decide(self, staff, ana, link, mo, max_):
        collections.hide(target=link, by=mo, reason="Spam.")
        case, _new = services.appeal(author=ana, target=link, statement="It is fine.")
        page = staff.get(page_of(case)).text
        assert "It is fine." in page
        assert "another moderator takes the second look" in page
        data = {"decision": "restored", "reason": "No."}
        assert staff.post(page_of(case, "decide"), data).status_code == 403

    def test_members_and_get_are_refused(self, signed_in, staff, case, ben, mo):
        assert staff.get(page_of(case, "decide")).status_code == 405
        data = {"decision": "hidden", "reason": "Spam."}
        assert signed_in(ben).post(page_of(case, "decide"), data).status_code in {302, 403}
        case.refresh_from_db()
        assert case.is_open


class TestManyAtOnce:
    def test_it_asks_first_and_names_what_it_touches(self, staff, case, ana):
        other = make_report(ContentFactory(title="Other")).case
        chosen = {"action": "hidden", "_selected_action": [case.pk, other.pk]}
        page = staff.post(QUEUE, chosen)
        assert "2 cases" in page.text
        assert "Python" in page.text
        assert "ana" in page.text
        assert Case.objects.open().count() == 2
        staff.post(QUEUE, {**chosen, "confirmed": "1", "reason": "Spam."})
        assert set(Case.objects.values_list("decision", flat=True)) == {"hidden"}
        assert LogRecord.objects.count() == 2

    def test_what_cannot_be_decided_so_is_left(self, staff, case, ana, mo):
        own, person = make_report(mo).case, make_report(ana).case
        keys = [case.pk, own.pk, person.pk]
        chosen = {"action": "hidden", "_selected_action": keys, "confirmed": "1", "reason": "x"}
        page = staff.post(QUEUE, chosen, follow=True).text
        assert "1 done" in page
        assert "@ana: This cannot be decided here." in page
        assert set(Case.objects.open()) == {own, person}

    def test_queries_do_not_grow_with_staff(self, staff, django_assert_max_num_queries):
        ModeratorFactory.create_batch(10)
        keys = [make_report(ContentFactory()).case.pk for _number in range(5)]
        chosen = {"action": "dismissed", "_selected_action": keys, "confirmed": "1", "reason": "x"}
        with django_assert_max_num_queries(160):
            staff.post(QUEUE, chosen)


class TestMessages:
    @pytest.fixture
    def report(self, ana):
        message = MessageFactory(sender=ana, body="A secret offer.")
        return make_report(message, reporter=message.recipient)

    def test_reading_is_logged(self, staff, report):
        assert "A secret offer." not in staff.get(page_of(report.case)).text
        assert not LogRecord.objects.exists()
        address = page_of(report.case, "message", report.pk)
        assert staff.get(address).status_code == 405
        assert "A secret offer." in staff.post(address).text
        assert LogRecord.objects.get().act == "message_read"
        assert "A secret offer." not in staff.get(LOG).text

    def test_no_other_page_or_search_tells_it(self, staff, report):
        for address in [QUEUE, page_of(report.case)]:
            assert "A secret offer." not in staff.get(address).text
        for query in [{"q": "secret"}, {"reports__copy__body__contains": "secret"}]:
            page = staff.get(QUEUE, query, follow=True)
            assert "A secret offer." not in page.text
        answer = staff.get(QUEUE, {"reports__copy__icontains": "secret"})
        assert answer.status_code in {302, 400}

    def test_only_reports_of_messages_are_shown_so(self, staff, case):
        report = case.reports.get()
        assert staff.post(page_of(case, "message", report.pk)).status_code == 404
        assert not LogRecord.objects.exists()

    def test_who_may_not_decide_may_not_read(self, signed_in, report, ben):
        address = page_of(report.case, "message", report.pk)
        assert signed_in(ben).post(address).status_code in {302, 403}
        assert not LogRecord.objects.exists()


class TestLog:
    @pytest.fixture
    def record(self, case, link, mo):
        collections.hide(target=link, by=mo, reason="Spam.")
        return LogRecord.objects.get()

    def test_log_filters(self, staff, record, ana):
        for query in [
            {},
            {"staff_id": record.staff_id},
            {"thing_type": record.thing_type, "thing_id": record.thing_id},
            {"act": "hidden"},
            {"q": "mo"},
        ]:
            assert "Spam." in staff.get(LOG, query).text
        assert "Spam." not in staff.get(LOG, {"act": "suspended"}).text

    def test_a_records_page_tells_old_and_new(self, staff, record):
        page = staff.get(reverse("admin:moderation_logrecord_change", args=[record.pk])).text
        assert "hidden_reason" in page
        assert record.hash in page

    @pytest.mark.parametrize("is_superuser", [False, True])
    def test_nobody_changes_or_deletes_it(self, staff, signed_in, record, is_superuser):
        client = signed_in(SuperuserFactory()) if is_superuser else staff
        for name in ("change", "delete"):
            address = reverse(f"admin:moderation_logrecord_{name}", args=[record.pk])
            assert client.post(address, {"post": "yes", "reason": "x"}).status_code == 403
        add = reverse("admin:moderation_logrecord_add")
        assert client.post(add, {"reason": "x"}).status_code == 403
        bulk = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
        client.post(LOG, bulk)
        assert LogRecord.objects.get().reason == "Spam."

    @pytest.mark.parametrize(
        "query",
        [
            {"staff_id": "9" * 5000},
            {"act": "\x00"},
            {"thing_id": "\x00"},
            {"thing_text__regex": "["},
            {"act": "nonsense"},
        ],
    )
    def test_bad_questions_are_no_errors(self, staff, record, query):
        assert staff.get(LOG, query).status_code in {200, 302}

    def test_its_queries_do_not_grow(self, staff, record, mo, link, queries_of):
        one = queries_of(staff, LOG)
        for _number in range(10):
            collections.restore(target=link, by=mo, reason="Back.")
            collections.hide(target=link, by=mo, reason="Again.")
        assert queries_of(staff, LOG) == one <= 16


def test_staff_see_the_badge_and_others_do_not(signed_in, mo, ben, case):
    assert 'data-notification="open_report_count"' in signed_in(mo).get("/").text
    assert "open_report_count" not in signed_in(ben).get("/").text

import pytest
from django.urls import reverse

from accounts.services import block, suspend
from accounts.tests.factories import UnconfirmedUserFactory
from collections_app import services as collections
from messaging.services import delete_message
from messaging.tests.factories import MessageFactory
from moderation.decisions import Decision, decide
from moderation.models import Case, LogRecord, Report
from moderation.tests.factories import make_report

pytestmark = pytest.mark.django_db
MY_REPORTS = reverse("moderation:my_reports")
MY_HIDDEN = reverse("moderation:my_hidden_things")
NUMBERS = reverse("moderation:numbers")


def report_page(kind, target):
    return reverse("moderation:report", args=[kind, target.pk])


def appeal_page(kind, target):
    return reverse("moderation:appeal", args=[kind, target.pk])


class TestReporting:
    def test_reported_link_is_in_my_reports(self, signed_in, ben, link):
        client = signed_in(ben)
        assert report_page("link", link) in client.get(link.collection.get_absolute_url()).text
        page = client.post(
            report_page("link", link), {"reason": "spam", "note": "It sells."}, follow=True
        )
        assert page.redirect_chain[-1][0] == MY_REPORTS
        assert "Python" in page.text
        assert "It sells." in page.text
        assert "Waiting for a moderator" in page.text

    def test_every_kind_of_page_offers_it(self, signed_in, ana, ben, collection):
        message = MessageFactory(sender=ana, recipient=ben)
        client = signed_in(ben)
        for address, kind, target in [
            (ana.get_absolute_url(), "person", ana),
            (collection.get_absolute_url(), "collection", collection),
            (reverse("messaging:received"), "message", message),
            (reverse("messaging:conversation", args=["ana"]), "message", message),
        ]:
            assert report_page(kind, target) in client.get(address).text
            assert client.get(report_page(kind, target)).status_code == 200

    def test_own_targets_have_no_report_link(self, signed_in, ana, link):
        MessageFactory(sender=ana)
        client = signed_in(ana)
        for address in [
            ana.get_absolute_url(),
            link.collection.get_absolute_url(),
            reverse("messaging:sent"),
        ]:
            assert "/report/" not in client.get(address).text

    def test_visitors_sign_in_first(self, client, link):
        assert client.get(report_page("link", link)).url.startswith(reverse("account_login"))

    def test_unconfirmed_person_sees_reason(self, signed_in, link):
        answer = signed_in(UnconfirmedUserFactory()).get(report_page("link", link))
        assert answer.status_code == 403
        assert "Confirm your e-mail address" in answer.text

    @pytest.mark.parametrize(
        "data", [{}, {"reason": "boredom"}, {"reason": "spam", "note": "n" * 501}]
    )
    def test_invalid_report_keeps_input(self, signed_in, ben, link, data):
        answer = signed_in(ben).post(report_page("link", link), data)
        assert answer.status_code == 422
        assert data.get("note", "") in answer.text
        assert not Report.objects.exists()

    def test_reported_twice_it_says_so(self, signed_in, ben, link):
        make_report(link, reporter=ben)
        client = signed_in(ben)
        assert "You reported this on" in client.get(report_page("link", link)).text
        client.post(report_page("link", link), {"reason": "other"})
        assert Report.objects.get().reason == "spam"

    def test_limited_report_keeps_input(self, signed_in, ben, link, settings):
        settings.REPORTS_PER_DAY = 0
        data = {"reason": "spam", "note": "It sells."}
        answer = signed_in(ben).post(report_page("link", link), data)
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 0
        assert "It sells." in answer.text

    def test_unknown_kinds_and_things_are_404(self, signed_in, ben, link):
        client = signed_in(ben)
        for kind, pk in [("user", link.pk), ("link", 0), ("link", 10**30), ("person", 10**18)]:
            assert client.get(f"/report/{kind}/{pk}/").status_code == 404


class TestWhatReportsDoNotTell:
    def test_what_one_may_not_see_cannot_be_reported(self, signed_in, ben, ana, mo, link):
        collections.hide(target=link, by=mo, reason="Spam.")
        assert signed_in(ben).get(report_page("link", link)).status_code == 404
        suspend(person=ana, by=mo, reason="Spam.")
        assert signed_in(ben).get(report_page("person", ana)).status_code == 404

    def test_others_messages_cannot_be_read_or_reported(self, signed_in, ana, ben):
        message = MessageFactory(sender=ana, body="A secret.")
        for person in (ben, ana):
            answer = signed_in(person).get(report_page("message", message))
            assert answer.status_code == 404
            assert "secret" not in answer.text
            answer = signed_in(person).post(report_page("message", message), {"reason": "spam"})
            assert answer.status_code == 404
        assert not Report.objects.exists()

    def test_deleted_message_cannot_be_reported(self, signed_in, ben):
        message = MessageFactory(recipient=ben)
        delete_message(message, person=ben)
        assert signed_in(ben).get(report_page("message", message)).status_code == 404

    def test_blocked_person_can_report(self, client, ana, ben, link):
        def everything_seen():
            client.force_login(ben)
            form = client.get(report_page("person", ana))
            answer = client.post(report_page("person", ana), {"reason": "spam"})
            seen = form.status_code, answer.status_code, answer.url
            client.get(MY_REPORTS)  # shows the thanks, which the next form would
            Case.objects.all().delete()
            return seen, [part for part in form.text.splitlines() if "csrf" not in part]

        before = everything_seen()
        block(blocker=ana, blocked=ben)
        assert everything_seen() == before

    def test_the_reported_never_learn_who_reported(self, signed_in, ana, ben, mo, link):
        case = make_report(link, reporter=ben, note="Ben says so.").case
        decide(case=case, by=mo, decision=Decision.HIDDEN, reason="Spam.")
        client = signed_in(ana)
        for address in [
            link.collection.get_absolute_url(),
            MY_HIDDEN,
            appeal_page("link", link),
            MY_REPORTS,
            NUMBERS,
        ]:
            page = client.get(address)
            assert page.status_code == 200
            assert "ben" not in page.text
            assert "Ben says so." not in page.text

    def test_reporters_learn_the_outcome_but_no_name(self, signed_in, ben, mo, link):
        case = make_report(link, reporter=ben).case
        decide(case=case, by=mo, decision=Decision.HIDDEN, reason="Kept for its author.")
        page = signed_in(ben).get(MY_REPORTS).text
        assert "It was hidden" in page
        assert "Kept for its author." not in page
        assert "@mo" not in page


class TestAppealing:
    @pytest.fixture
    def hidden(self, link, mo):
        collections.hide(target=link, by=mo, reason="Spam.")
        return link

    def test_author_sees_reason_and_appeals(self, signed_in, ana, hidden):
        client = signed_in(ana)
        for address in [hidden.collection.get_absolute_url(), MY_HIDDEN]:
            page = client.get(address).text
            assert "Spam." in page
            assert appeal_page("link", hidden) in page
        page = client.post(appeal_page("link", hidden), {"statement": "It is fine."}, follow=True)
        assert "You asked for a second look" in page.text
        assert "Waiting for a moderator" in client.get(MY_HIDDEN).text

    def test_the_outcome_is_shown_with_its_reason(self, signed_in, ana, hidden, max_):
        client = signed_in(ana)
        client.post(appeal_page("link", hidden), {"statement": "It is fine."})
        case = Case.objects.get()
        decide(case=case, by=max_, decision=Decision.UPHELD, reason="It still sells.")
        for address in [MY_HIDDEN, appeal_page("link", hidden)]:
            page = client.get(address).text
            assert "it stays hidden" in page
            assert "It still sells." in page

    @pytest.mark.parametrize("statement", ["", " ", "s" * 501])
    def test_a_bad_statement_is_a_form_error(self, signed_in, ana, hidden, statement):
        answer = signed_in(ana).post(appeal_page("link", hidden), {"statement": statement})
        assert answer.status_code == 422
        assert not Case.objects.exists()

    def test_nobody_else_finds_the_page(self, signed_in, ben, mo, hidden):
        assert signed_in(ben).get(appeal_page("link", hidden)).status_code == 404
        assert signed_in(mo).get(appeal_page("link", hidden)).status_code == 404

    def test_no_appeal_without_hiding(self, signed_in, ana, link):
        client = signed_in(ana)
        assert client.get(appeal_page("link", link)).status_code == 404
        assert client.get(appeal_page("person", ana)).status_code == 404


class TestNumbers:
    def test_they_count_without_names(self, client, ben, mo, link):
        decide(
            case=make_report(link, reporter=ben).case,
            by=mo,
            decision=Decision.HIDDEN,
            reason="Spam.",
        )
        page = client.get(NUMBERS)
        assert "1 report" in page.text
        assert page.context["staff_actions"] == [("Hidden", 1)]
        assert page.context["decisions"] == [("Hidden", 1)]
        for name in ("ben", "mo", "Python", "ana"):
            assert f">{name}<" not in page.text

    def test_another_month_has_its_own(self, client, link):
        make_report(link)
        month = client.get(NUMBERS).context["months"][1]
        page = client.get(NUMBERS, {"month": str(month)})
        assert page.context["report_count"] == 0

    @pytest.mark.parametrize("month", ["1999-01", "x", "", "2026-13", "\x00"])
    def test_other_months_are_404(self, client, month):
        assert client.get(NUMBERS, {"month": month}).status_code == 404


class TestQueries:
    @pytest.mark.parametrize("address", [MY_REPORTS, MY_HIDDEN])
    def test_lists_take_as_many_for_many_rows(self, signed_in, ana, mo, link, queries_of, address):
        from collections_app.tests.factories import ContentFactory

        client = signed_in(ana)
        counts = []
        for number in (1, 10):
            for _number in range(number):
                make_report(ContentFactory(), reporter=ana)
                collections.hide(
                    target=ContentFactory(collection=link.collection), by=mo, reason="Spam."
                )
            counts.append(queries_of(client, address))
        assert counts[0] == counts[1] <= 16

    def test_report_links_add_no_queries(self, signed_in, ben, link, queries_of):
        from collections_app.tests.factories import ContentFactory

        client = signed_in(ben)
        one = queries_of(client, link.collection.get_absolute_url())
        ContentFactory.create_batch(10, collection=link.collection)
        assert queries_of(client, link.collection.get_absolute_url()) == one


def test_nothing_is_logged_for_what_members_do(signed_in, ben, link):
    signed_in(ben).post(report_page("link", link), {"reason": "spam"})
    assert not LogRecord.objects.exists()

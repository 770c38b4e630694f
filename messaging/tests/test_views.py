import re

import pytest
from django.core.cache import cache
from django.shortcuts import resolve_url

from messaging.models import Message
from messaging.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db

RECEIVED, SENT, READ = "/messages/", "/messages/sent/", "/messages/read/"
WITH_ANA, WITH_BEN = "/messages/with/ana/", "/messages/with/ben/"


def unread(person):
    return Message.objects.received_by(person).unread().count()


def bodies(page):
    return [message.body for message in page.context["message_list"]]


def text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def new_badges(page):
    return re.findall(r'<span class="badge text-bg-primary">New</span>', page.content.decode())


class TestReceived:
    def test_newest_first_with_sender_links(self, signed_in, ana, ben, write):
        write(ben, ana, body="Older")
        write(ben, ana, body="Newer")
        write(ana, ben, body="Mine")
        page = signed_in(ana).get(RECEIVED)
        assert bodies(page) == ["Newer", "Older"]
        assert page.content.decode().count(f'href="{WITH_BEN}#write">Reply') == 2

    def test_twenty_six_unread_show_25_and_leave_1(self, signed_in, ana, ben, write, badge):
        write(ben, ana, 26)
        client = signed_in(ana)
        page = client.get(RECEIVED)
        assert len(bodies(page)) == 25
        assert (unread(ana), badge(ana)) == (1, 1)
        assert len(new_badges(page)) == 25
        assert "Mark all as read" in text(page)
        client.get(RECEIVED, {"page": 2})
        assert (unread(ana), badge(ana)) == (0, 0)

    def test_older_and_newer_messages_are_links_that_work(self, signed_in, ana, ben, write):
        write(ben, ana, 51)
        client = signed_in(ana)
        seen, address = [], RECEIVED
        for _page in range(3):
            page = client.get(address)
            seen += bodies(page)
            older = re.search(r'rel="next"\s+href="([^"]+)"', page.content.decode())
            address = older and RECEIVED + older[1]
        assert address is None
        assert len(seen) == len(set(seen)) == 51
        newer = re.search(r'rel="prev"\s+href="([^"]+)"', page.content.decode())
        assert len(bodies(client.get(RECEIVED + newer[1]))) == 25

    @pytest.mark.parametrize(
        ("method", "query", "headers", "status"),
        [
            ("head", "", {}, 200),
            ("get", "", {"sec-purpose": "prefetch"}, 200),
            ("get", "", {"sec-purpose": "prefetch;prerender"}, 200),
            ("get", "", {"purpose": "prefetch"}, 200),
            ("get", "?page=99", {}, 404),
            ("get", "?page=0", {}, 404),
            ("get", "?page=x", {}, 404),
            ("options", "", {}, 200),
            ("post", "", {}, 405),
        ],
    )
    def test_what_nobody_looks_at_marks_nothing(
        self, signed_in, ana, ben, write, method, query, headers, status
    ):
        write(ben, ana, 3)
        answer = getattr(signed_in(ana), method)(RECEIVED + query, headers=headers)
        assert answer.status_code == status
        assert unread(ana) == 3

    def test_message_during_render_stays_unread(self, signed_in, ana, ben, write, monkeypatch):
        from messaging import services

        write(ben, ana, body="Shown")
        mark_read = services.mark_read

        def mark_after_another_came(messages, *, reader):
            write(ben, ana, body="Came later")
            return mark_read(messages, reader=reader)

        monkeypatch.setattr(services, "mark_read", mark_after_another_came)
        page = signed_in(ana).get(RECEIVED)
        assert bodies(page) == ["Shown"]
        assert [row.body for row in Message.objects.unread()] == ["Came later"]

    def test_badge_counts_remaining_unread(self, signed_in, ana, ben, write):
        write(ben, ana, 26)
        page = signed_in(ana).get(RECEIVED).content.decode()
        count = re.search(r'data-notification="unread_message_count"[^>]*>(\d+)<', page)
        assert count[1] == "1"

    def test_all_can_be_marked_as_read(self, signed_in, ana, ben, write, badge):
        write(ben, ana, 30)
        answer = signed_in(ana).post(READ, follow=True)
        assert answer.redirect_chain == [(RECEIVED, 302)]
        assert "30 messages marked as read." in text(answer)
        assert badge(ana) == 0

    def test_without_messages_it_says_what_will_be_here(self, signed_in, ana):
        assert "What people write to you will be here" in text(signed_in(ana).get(RECEIVED))

    def test_deleted_account_gets_no_reply(self, signed_in, ana, ben, write):
        write(ben, ana, body="Goodbye.")
        ben.delete()
        page = signed_in(ana).get(RECEIVED)
        assert "deleted account" in text(page)
        assert "Goodbye." in text(page)
        assert "Reply" not in text(page)

    def test_text_is_escaped_and_links_work(self, signed_in, ana, ben, write):
        write(ben, ana, body="<b>Look</b>: https://example.org/a?b=1&c=2\nand javascript:alert(1)")
        page = signed_in(ana).get(RECEIVED).content.decode()
        assert "&lt;b&gt;Look&lt;/b&gt;" in page
        assert 'href="https://example.org/a?b=1&amp;c=2"' in page
        assert 'href="javascript' not in page

    def test_list_has_constant_queries(self, signed_in, ana, write, queries_of):
        client = signed_in(ana)
        write(PersonFactory(), ana)
        few = queries_of(client, RECEIVED)
        for _ in range(30):
            write(PersonFactory(), ana)
        assert queries_of(client, RECEIVED) == few <= 16


class TestSent:
    def test_it_shows_what_one_wrote_and_marks_nothing(self, signed_in, ana, ben, write):
        write(ana, ben, body="To Ben")
        write(ben, ana, body="To Ana")
        page = signed_in(ana).get(SENT)
        assert bodies(page) == ["To Ben"]
        assert "Reply" not in text(page)
        assert unread(ben) == unread(ana) == 1

    def test_list_has_constant_queries(self, signed_in, ana, write, queries_of):
        client = signed_in(ana)
        write(ana, PersonFactory())
        few = queries_of(client, SENT)
        for _ in range(30):
            write(ana, PersonFactory())
        assert queries_of(client, SENT) == few <= 16


class TestConversation:
    def test_conversation_is_paginated_oldest_first(self, signed_in, ana, ben, write):
        for number in range(30):
            write(*((ana, ben) if number % 3 else (ben, ana)), body=f"{number:02}")
        write(PersonFactory(), ana, body="Somebody else's")
        client = signed_in(ana)
        page = client.get(WITH_BEN)
        assert bodies(page) == [f"{number:02}" for number in range(5, 30)]
        older = re.search(r'href="(\?before=\d+)"', page.content.decode())
        page = client.get(WITH_BEN + older[1])
        assert bodies(page) == [f"{number:02}" for number in range(5)]
        assert "Older messages" not in text(page)
        assert "Newest messages" in text(page)

    def test_showing_it_marks_what_it_shows(self, signed_in, ana, ben, write, badge):
        write(ben, ana, 26)
        (other,) = write(PersonFactory(), ana)
        client = signed_in(ana)
        client.head(WITH_BEN)
        client.get(WITH_BEN, headers={"sec-purpose": "prefetch"})
        assert badge(ana) == 27
        assert len(new_badges(client.get(WITH_BEN))) == 25
        assert badge(ana) == 2
        assert other in Message.objects.unread()

    def test_one_writes_and_finds_it_in_the_conversation(self, signed_in, ana, ben):
        answer = signed_in(ana).post(WITH_BEN, {"body": " Hello,\r\nBen "}, follow=True)
        assert answer.redirect_chain == [(f"{WITH_BEN}#write", 302)]
        assert bodies(answer) == ["Hello,\nBen"]
        assert "Your message has been sent." in text(answer)

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ("", "Write something first."),
            (" \n ", "Write something first."),
            ("x" * 141, "This is 1 character too long: 140 are allowed."),
            ("a\x00b", "Null characters are not allowed."),
        ],
    )
    def test_invalid_message_keeps_input(self, signed_in, ana, ben, write, body, reason):
        write(ben, ana, body="Hello.")
        answer = signed_in(ana).post(WITH_BEN, {"body": body})
        assert answer.status_code == 422
        assert reason in text(answer)
        assert answer.context["form"]["body"].value() == body
        assert bodies(answer) == ["Hello."]

    def test_line_breaks_count_once(self, signed_in, ana, ben):
        body = "x" * 69 + "\r\n" + "y" * 70
        assert signed_in(ana).post(WITH_BEN, {"body": body}).status_code == 302

    def test_the_page_says_what_the_limit_is(self, signed_in, ana, ben, settings):
        settings.MESSAGE_MAX_LENGTH = 7
        client = signed_in(ana)
        page = client.get(WITH_BEN)
        assert "At most 7 characters." in text(page)
        assert 'data-limit="7"' in page.content.decode()
        assert client.post(WITH_BEN, {"body": "12345678"}).status_code == 422

    @pytest.mark.parametrize("name", ["ana", "nobody", "a b", "%00"])
    def test_nobody_has_one_with_themselves_or_with_nobody(self, signed_in, ana, name):
        client = signed_in(ana)
        assert client.get(f"/messages/with/{name}/").status_code == 404
        assert client.post(f"/messages/with/{name}/", {"body": "Hello."}).status_code == 404
        assert not Message.objects.exists()

    @pytest.mark.parametrize("before", ["x", "-1", "1.5", "٣", "9" * 19, ""])
    def test_older_than_what_is_no_message_is_404(self, signed_in, ana, ben, write, before):
        write(ben, ana)
        answer = signed_in(ana).get(WITH_BEN, {"before": before})
        assert answer.status_code == 404
        assert unread(ana) == 1

    def test_refused_recipient_is_403(self, signed_in, ana, ben, write):
        ben.is_active = False
        ben.save()
        client = signed_in(ana)
        assert client.get(WITH_BEN).status_code == 403
        write(ben, ana, body="Old.")
        page = client.get(WITH_BEN)
        assert bodies(page) == ["Old."]
        assert "This person cannot be contacted." in text(page)
        assert "<textarea" not in page.content.decode()
        answer = client.post(WITH_BEN, {"body": "Hello."})
        assert answer.status_code == 403
        assert "This person cannot be contacted." in text(answer)

    def test_conversation_has_constant_queries(self, signed_in, ana, ben, write, queries_of):
        client = signed_in(ana)
        write(ana, ben)
        few = queries_of(client, WITH_BEN)
        write(ana, ben, 60)
        write(ben, ana, 60)
        assert queries_of(client, WITH_BEN) == few <= 16


class TestLimits:
    def send(self, client, number=1, to=WITH_BEN):
        return [client.post(to, {"body": f"Text {n}"}).status_code for n in range(number)]

    def test_minute_limit_keeps_text(self, signed_in, ana, ben, settings):
        settings.MESSAGES_PER_MINUTE = 3
        client = signed_in(ana)
        assert self.send(client, 3) == [302] * 3
        answer = client.post(WITH_BEN, {"body": "Kept."})
        assert answer.status_code == 429
        assert 1 <= int(answer["Retry-After"]) <= 60
        assert "You can send this one in 1 minute." in text(answer)
        assert ">\nKept.</textarea>" in answer.content.decode()
        assert Message.objects.count() == 3

    def test_over_the_limit_of_a_day_too(self, signed_in, ana, ben, settings):
        settings.MESSAGES_PER_DAY = 2
        client = signed_in(ana)
        assert self.send(client, 3) == [302, 302, 429]
        answer = client.post(WITH_BEN, {"body": "Kept."})
        assert 1 <= int(answer["Retry-After"]) <= 24 * 60 * 60

    def test_refused_message_spares_day_limit(self, signed_in, ana, ben, settings):
        settings.MESSAGES_PER_MINUTE, settings.MESSAGES_PER_DAY = 1, 2
        client = signed_in(ana)
        assert self.send(client, 5) == [302, 429, 429, 429, 429]
        settings.MESSAGES_PER_MINUTE = 100
        assert self.send(client, 2) == [302, 429]

    def test_limit_says_minutes_to_wait(self, signed_in, ana, ben, settings):
        settings.MESSAGES_PER_DAY = 0
        answer = signed_in(ana).post(WITH_BEN, {"body": "Kept."})
        assert answer.status_code == 429
        assert re.search(r"You can send this one in \d+ (hours?|minutes?)", text(answer))

    def test_limit_is_per_sender(self, signed_in, ana, ben, settings):
        settings.MESSAGES_PER_MINUTE = 1
        PersonFactory(username="cleo")
        client = signed_in(ana)
        assert self.send(client) == [302]
        assert self.send(client, to="/messages/with/cleo/") == [429]
        assert self.send(signed_in(ben), to=WITH_ANA) == [302]

    def test_what_is_no_message_counts_for_nothing(self, signed_in, ana, ben, settings):
        settings.MESSAGES_PER_MINUTE = 1
        client = signed_in(ana)
        client.post(WITH_BEN, {"body": ""})
        assert self.send(client) == [302]

    def test_default_limits(self, signed_in, ana, ben):
        cache.clear()
        assert self.send(signed_in(ana), 21) == [302] * 20 + [429]
        from messaging.policies import rates

        assert [rate for _name, rate in rates(ana, ben)] == ["20/m", "200/d"]


class TestDeleting:
    def test_each_side_deletes_the_conversation_for_itself(self, signed_in, ana, ben, write):
        write(ana, ben, 2)
        write(ben, ana, 3)
        (elsewhere,) = write(PersonFactory(), ana)
        client = signed_in(ana)
        page = client.get(f"{WITH_BEN}delete/")
        assert "5 messages between you and" in text(page)
        answer = client.post(f"{WITH_BEN}delete/")
        assert answer.url == RECEIVED
        assert bodies(client.get(RECEIVED)) == [elsewhere.body]
        assert bodies(client.get(SENT)) == []
        assert bodies(client.get(WITH_BEN)) == []
        assert len(bodies(signed_in(ben).get(WITH_ANA))) == 5

    def test_asking_deletes_nothing(self, signed_in, ana, ben, write):
        (message,) = write(ana, ben)
        client = signed_in(ana)
        for address in (f"{WITH_BEN}delete/", f"/messages/{message.pk}/delete/"):
            assert client.get(address).status_code == 200
            assert client.head(address).status_code == 200
        assert bodies(client.get(SENT)) == [message.body]

    def test_each_side_deletes_for_itself(self, signed_in, ana, ben, write):
        kept, message = write(ana, ben, 2)
        address = f"/messages/{message.pk}/delete/"
        signed_in(ben).post(address)
        assert bodies(signed_in(ben).get(RECEIVED)) == [kept.body]
        client = signed_in(ana)
        assert len(bodies(client.get(SENT))) == 2
        client.post(address)
        assert list(Message.objects.all()) == [kept]
        assert client.post(address).status_code == 404

    def test_nobody_deletes_or_sees_what_others_wrote(self, signed_in, ana, ben, write):
        (message,) = write(ana, ben, body="A secret.")
        client = signed_in(PersonFactory())
        for method in (client.get, client.post):
            answer = method(f"/messages/{message.pk}/delete/")
            assert answer.status_code == 404
            assert "A secret." not in text(answer)
        assert client.post(f"{WITH_ANA}delete/").status_code == 404
        assert Message.objects.filter(deleted_by_sender=False).exists()


@pytest.mark.parametrize("address", [RECEIVED, SENT, WITH_BEN, f"{WITH_BEN}delete/"])
def test_visitors_are_sent_to_sign_in_and_back(client, ben, settings, address):
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.url == f"{resolve_url(settings.LOGIN_URL)}?next={address}"


def test_mark_all_after_logout_redirects(client, settings):
    assert client.post(READ).url == f"{resolve_url(settings.LOGIN_URL)}?next={RECEIVED}"

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from messaging import services
from messaging.models import Message
from messaging.tests.factories import MessageFactory, PersonFactory

pytestmark = pytest.mark.django_db


def received(person):
    return Message.objects.received_by(person)


def send(sender, recipient, body="Hello."):
    return services.send(sender=sender, recipient=recipient, body=body)


def test_send_strips_text_and_is_unread(ana, ben):
    message = send(ana, ben, "  Hello,\nBen. \n")
    message.refresh_from_db()
    assert (message.sender, message.recipient) == (ana, ben)
    assert (message.body, message.read_at) == ("Hello,\nBen.", None)


@pytest.mark.parametrize("body", ["", "  ", "x" * 141, "a\x00"])
def test_what_is_no_message_is_not_sent(ana, ben, body):
    with pytest.raises(ValidationError):
        send(ana, ben, body)
    assert not Message.objects.exists()


def test_nobody_writes_to_themselves(ana):
    with pytest.raises(ValidationError):
        send(ana, ana)


def test_nobody_writes_to_who_is_gone(ana, ben):
    get_user_model().objects.filter(pk=ben.pk).delete()
    with pytest.raises(get_user_model().DoesNotExist):
        send(ana, ben)


@pytest.mark.parametrize("who", [0, 1])
def test_without_a_policy_both_must_be_active(ana, ben, who):
    get_user_model().objects.filter(pk=(ana, ben)[who].pk).update(is_active=False)
    with pytest.raises(PermissionDenied, match="cannot be contacted"):
        send(ana, ben)
    assert not Message.objects.exists()


class TestWhateverHappensTheRecipientIsNotified:
    def test_when_a_message_is_sent(self, ana, ben, badge):
        for number in (1, 2, 3):
            send(ana, ben)
            assert badge(ben) == number
        assert badge(ana) is None

    def test_any_save_or_delete_notifies(self, ana, ben, badge):
        message = Message.objects.create(sender=ana, recipient=ben, body="Hello.")
        assert badge(ben) == 1
        message.deleted_by_recipient = True
        message.save()
        assert badge(ben) == 0
        message.deleted_by_recipient = False
        message.save()
        assert badge(ben) == 1
        message.delete()
        assert badge(ben) == 0

    def test_when_many_are_deleted_at_once(self, ana, ben, write, badge):
        write(ana, ben, 3)
        Message.objects.all().delete()
        assert badge(ben) == 0

    def test_when_some_or_all_are_read(self, ana, ben, write, badge):
        first, *_others = write(ana, ben, 3)
        services.mark_read(Message.objects.filter(pk=first.pk), reader=ben)
        assert badge(ben) == 2
        assert services.mark_read(Message.objects.all(), reader=ben) == 2
        assert badge(ben) == 0

    def test_when_the_conversation_is_deleted(self, ana, ben, write, badge):
        write(ana, ben, 3)
        services.delete_conversation(person=ben, other=ana)
        assert badge(ben) == 0

    def test_not_when_the_sender_deletes_it(self, ana, ben, write, badge):
        write(ana, ben, 3)
        services.delete_conversation(person=ana, other=ben)
        assert badge(ben) == 3

    def test_not_when_it_is_rolled_back(self, ana, ben, badge):
        with transaction.atomic():
            send(ana, ben)
            transaction.set_rollback(True)
        assert badge(ben) is None


def test_nobody_marks_what_somebody_else_received(ana, ben, write):
    write(ana, ben)
    assert services.mark_read(Message.objects.all(), reader=ana) == 0
    assert received(ben).unread().exists()


def test_read_at_is_kept(ana, ben, write):
    write(ana, ben)
    services.mark_read(Message.objects.all(), reader=ben)
    read_at = Message.objects.get().read_at
    services.mark_read(Message.objects.all(), reader=ben)
    assert Message.objects.get().read_at == read_at


def test_both_deletions_remove_row(ana, ben, write):
    write(ana, ben, 2)
    write(ben, ana, 2)
    services.delete_conversation(person=ana, other=ben)
    assert Message.objects.count() == 4
    services.delete_conversation(person=ben, other=ana)
    assert not Message.objects.exists()


class TestWhoLeaves:
    def test_what_they_wrote_stays_with_its_recipients(self, ana, ben, write, badge):
        write(ana, ben, 2)
        ana.delete()
        kept = received(ben)
        assert [message.sender for message in kept] == [None, None]
        assert badge(ben) == 2
        services.mark_read(kept, reader=ben)
        assert badge(ben) == 0

    def test_what_they_received_stays_with_its_senders(self, ana, ben, write):
        write(ben, ana, 2)
        ana.delete()
        assert [message.recipient for message in Message.objects.sent_by(ben)] == [None, None]

    def test_what_the_other_had_deleted_goes_with_them(self, ana, ben, write):
        write(ana, ben, 2)
        write(ben, ana, 2)
        third = MessageFactory(sender=ana)
        services.delete_conversation(person=ben, other=ana)
        ana.delete()
        assert list(Message.objects.all()) == [third]

    def test_nothing_stays_when_both_have_left(self, ana, ben, write):
        write(ana, ben, 2)
        write(ben, ana, 2)
        ana.delete()
        ben.delete()
        assert not Message.objects.exists()

    def test_what_is_kept_of_them_can_be_deleted(self, ana, ben, write):
        write(ana, ben)
        ana.delete()
        services.delete_message(received(ben).get(), person=ben)
        assert not Message.objects.exists()


def test_two_may_leave_in_one_query(ana, ben, write):
    write(ana, ben)
    write(ben, ana)
    get_user_model().objects.filter(pk__in=[ana.pk, ben.pk]).delete()
    assert not Message.objects.exists()


def test_send_has_constant_queries(ana, ben, write, django_assert_max_num_queries):
    Message.objects.bulk_create(
        Message(sender=ana, recipient=ben, body="Hello.") for _ in range(1000)
    )
    send(ana, ben)
    with django_assert_max_num_queries(12):
        send(ana, ben)


def test_two_strangers_do_not_see_it(ana, ben, write):
    (message,) = write(ana, ben)
    assert not Message.objects.visible_to(PersonFactory()).exists()
    assert message in Message.objects.visible_to(ana)

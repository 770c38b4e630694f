import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from messaging.models import Message
from messaging.tests.factories import MessageFactory

pytestmark = pytest.mark.django_db


def problems(body):
    try:
        Message(body=body).clean_fields(exclude=["sender", "recipient"])
    except ValidationError as error:
        return error.message_dict["body"]
    return []


def test_140_characters_fit_and_141_do_not():
    assert problems("é" * 140) == []
    assert problems("é" * 141) == ["This is 1 character too long: 140 are allowed."]


def test_the_limit_is_read_when_it_is_needed(settings):
    settings.MESSAGE_MAX_LENGTH = 5
    assert problems("12345") == []
    assert problems("1234567") == ["This is 2 characters too long: 5 are allowed."]


@pytest.mark.parametrize("body", ["", " ", "\n\t \u00a0\u2003"])
def test_space_alone_is_no_message(body):
    assert problems(body)


def test_a_null_character_is_refused():
    assert problems("a\x00b")


@pytest.mark.parametrize("body", ["", "x" * 4001])
def test_the_database_refuses_what_no_setting_allows(ana, ben, body):
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        MessageFactory(sender=ana, recipient=ben, body=body)


def test_the_database_refuses_a_message_to_oneself(ana):
    with pytest.raises(IntegrityError), transaction.atomic():
        MessageFactory(sender=ana, recipient=ana)


def test_str_omits_text(ana, ben):
    message = MessageFactory(sender=ana, recipient=ben, body="a secret")
    assert str(message) == "ana → ben"
    assert "secret" not in repr(message)


def test_each_side_sees_what_it_has_not_deleted(ana, ben, write):
    kept, by_ana, by_ben = write(ana, ben, 3)
    Message.objects.filter(pk=by_ana.pk).update(deleted_by_sender=True)
    Message.objects.filter(pk=by_ben.pk).update(deleted_by_recipient=True)
    assert set(Message.objects.sent_by(ana)) == {kept, by_ben}
    assert set(Message.objects.received_by(ben)) == {kept, by_ana}
    assert set(Message.objects.visible_to(ana)) == {kept, by_ben}
    assert set(Message.objects.visible_to(ben)) == {kept, by_ana}
    assert set(Message.objects.deleted_for_sender()) == {by_ana}
    assert set(Message.objects.deleted_for_recipient()) == {by_ben}

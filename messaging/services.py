"""Sending, reading and deleting messages, each in one transaction.

People, messages and notification cursors are locked in the order that `transactions` states.
"""

from functools import partial

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from messaging import conf
from messaging.models import Message
from notifications.services import notify
from transactions import lock_keys, lock_rows

UNREAD_COUNT = "unread_message_count"


@transaction.atomic
def send(*, sender, recipient, body, sent_at=None):
    """Send a message and return it.

    Raises ValidationError for an empty or too long text and for a message to oneself,
    PermissionDenied or Http404 if MESSAGING_MAY_SEND does, DoesNotExist if a person is gone.
    """
    if sender.pk == recipient.pk:
        raise ValidationError(_("You cannot write to yourself."))
    people = _lock_people(sender, recipient)
    if len(people) < 2:
        raise type(recipient).DoesNotExist(f"{sender} or {recipient} is gone.")
    sender, recipient = people[sender.pk], people[recipient.pk]
    conf.check_may_send(sender, recipient)
    message = Message(
        sender=sender,
        recipient=recipient,
        body=body.strip(),
        sent_at=sent_at or timezone.now(),
    )
    message.clean_fields()
    message.save()
    return message


@transaction.atomic
def mark_read(messages, *, reader):
    """Mark those of `messages` (a queryset) that `reader` received as read; return their number."""
    if not _lock_people(reader):
        return 0
    unread = messages.received_by(reader).unread()
    _lock(unread)
    count = unread.update(read_at=timezone.now())
    if count:
        notify_unread_count(reader)
    return count


@transaction.atomic
def delete_message(message, *, person):
    """Delete a message for `person`; the row is deleted when both sides have done so."""
    if _lock_people(person):
        _mark_deleted(Message.objects.filter(pk=message.pk), person=person)
        notify_unread_count(person)


@transaction.atomic
def delete_conversation(*, person, other):
    """Delete all messages between `person` and `other` for `person`."""
    if _lock_people(person):
        _mark_deleted(Message.objects.between(person, other), person=person)
        notify_unread_count(person)


@transaction.atomic
def delete_all(person):
    """Delete all messages for `person`, whose account is about to be deleted."""
    # Lock before anything is deleted, so that nobody writes to them meanwhile.
    _lock_people(person)
    _mark_deleted(Message.objects.sent_or_received_by(person), person=person)


def _mark_deleted(messages, *, person):
    """Mark messages as deleted by one side, and delete the rows that both sides have deleted."""
    _lock(messages)
    messages.filter(recipient=person).update(deleted_by_recipient=True)
    messages.filter(sender=person).update(deleted_by_sender=True)
    deleted = messages.deleted_for_sender().deleted_for_recipient()
    deleted._raw_delete(deleted.db)


def notify_unread_count(person):
    """Notify `person` of their number of unread messages."""
    notify(person, UNREAD_COUNT, partial(count_unread, person))


def count_unread(person):
    return Message.objects.received_by(person).unread().count()


def _lock_people(*people):
    """Lock the rows of `people`; return the existing ones by key."""
    keys = {person.pk for person in people}
    return lock_rows(get_user_model()._default_manager.filter(pk__in=keys), no_key=True)


def _lock(messages):
    """Lock the rows of `messages`; without row locks, do not even read the many keys."""
    if connection.features.has_select_for_update:
        lock_keys(messages)

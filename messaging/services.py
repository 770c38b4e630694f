"""What can be done with messages, each in one transaction.

People are locked first, in the order of their keys; then messages, in the order of theirs; then
who received them is notified. So whatever happens at once happens one after the other.
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

UNREAD = "unread_message_count"


@transaction.atomic
def send(*, sender, recipient, body, sent_at=None):
    """Send a message and return it.

    Raises ValidationError for a text that is none or too long and for a message to oneself,
    PermissionDenied or Http404 where MESSAGING_MAY_SEND does, DoesNotExist for who is gone.
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
    """Mark what `reader` received of `messages` (a queryset) as read; return how many it was."""
    if not _lock_people(reader):
        return 0
    unread = messages.received_by(reader).unread()
    _lock(unread)
    count = unread.update(read_at=timezone.now())
    if count:
        tell(reader)
    return count


@transaction.atomic
def delete_message(message, *, person):
    """Take a message away from `person`; it is gone for good when both sides have done so."""
    if _lock_people(person):
        _take_away(Message.objects.filter(pk=message.pk), person=person)
        tell(person)


@transaction.atomic
def delete_conversation(*, person, other):
    """Take all that `person` and `other` wrote to each other away from `person`."""
    if _lock_people(person):
        _take_away(Message.objects.between(person, other), person=person)
        tell(person)


@transaction.atomic
def take_everything_away(person):
    """Let `person`, who is about to leave, see nothing: what the other side deleted is gone."""
    # Before anything of theirs is deleted: whoever writes to them waits for that, or was first.
    _lock_people(person)
    _take_away(Message.objects.sent_or_received_by(person), person=person)


def _take_away(messages, *, person):
    """Set the marks of one side, and delete what has both; no count changes by that deletion."""
    _lock(messages)
    messages.filter(recipient=person).update(deleted_by_recipient=True)
    messages.filter(sender=person).update(deleted_by_sender=True)
    gone = messages.gone_for_sender().gone_for_recipient()
    gone._raw_delete(gone.db)


def tell(person):
    """Notify `person` of how many messages they have not read."""
    notify(person, UNREAD, partial(count_unread, person))


def count_unread(person):
    return Message.objects.received_by(person).unread().count()


def _lock_people(*people):
    """Lock the rows of `people`; return them by key. Who is gone is missing."""
    keys = {person.pk for person in people}
    return lock_rows(get_user_model()._default_manager.filter(pk__in=keys), no_key=True)


def _lock(messages):
    """Lock the rows of `messages`, where the database has row locks: there may be very many."""
    if connection.features.has_select_for_update:
        lock_keys(messages)

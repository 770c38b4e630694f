"""What can be done with messages, each in one transaction.

Everybody concerned is locked first, in the order of their keys; then messages change; then who
received them is notified. So whatever happens at once happens one after the other.
"""

from functools import partial

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from messaging import conf
from messaging.models import Message
from notifications.services import notify

UNREAD = "unread_message_count"


@transaction.atomic
def send(*, sender, recipient, body, sent_at=None):
    """Send a message and return it.

    Raises ValidationError for a text that is none or too long, PermissionDenied or Http404 where
    MESSAGING_MAY_SEND does, DoesNotExist for who is gone.
    """
    people = _lock(sender, recipient)
    if len({sender.pk, recipient.pk} & people.keys()) < 2:
        raise type(recipient).DoesNotExist("Two people are needed.")
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
    if not _lock(reader):
        return 0
    count = messages.received_by(reader).unread().update(read_at=timezone.now())
    if count:
        tell(reader)
    return count


@transaction.atomic
def delete_for(person, messages, *, other=None):
    """Take `messages` (a queryset) away from `person`; for good where the other side did too.

    `other` is whom `person` exchanged them with, where they are many.
    """
    if person.pk not in _lock(person, other or person):
        return
    _take_away(person, messages)
    tell(person)


@transaction.atomic
def take_everything_away(person):
    """Let `person`, who is about to leave, see nothing: what the other side deleted is gone."""
    _lock(person)  # before anything of theirs is deleted: whoever writes to them waits, or is first
    _take_away(person, Message.objects.all())


def _take_away(person, messages):
    received, sent = messages.filter(recipient=person), messages.filter(sender=person)
    # What nobody sees then is in no count, so that nobody need be notified.
    for gone in (received.gone_for_sender(), sent.gone_for_recipient()):
        gone._raw_delete(gone.db)
    received.update(deleted_by_recipient=True)
    sent.update(deleted_by_sender=True)


def tell(person):
    """Notify `person` of how many messages they have not read."""
    notify(person, UNREAD, partial(count_unread, person))


def count_unread(person):
    return Message.objects.received_by(person).unread().count()


def _lock(*people):
    """Lock the rows of `people`; return them by key. Who is gone is missing."""
    rows = get_user_model()._default_manager.select_for_update(no_key=True)
    keys = {person.pk for person in people}
    return {person.pk: person for person in rows.filter(pk__in=keys).order_by("pk")}

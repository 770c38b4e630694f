import pytest

from messaging.tests.factories import MessageFactory, PersonFactory


@pytest.fixture(autouse=True)
def own_policies(settings):
    """Leave out the project's policies: they are tested where they are written."""
    settings.MESSAGING_MAY_SEND = "messaging.policies.both_active"
    settings.MESSAGING_RATES = "messaging.policies.rates"


@pytest.fixture
def ana(db):
    return PersonFactory(username="ana")


@pytest.fixture
def ben(db):
    return PersonFactory(username="ben")


@pytest.fixture
def write():
    """Return a function that makes `count` messages from one person to another."""

    def make(sender, recipient, count=1, **fields):
        return MessageFactory.create_batch(count, sender=sender, recipient=recipient, **fields)

    return make


@pytest.fixture
def badge():
    """Return a function that tells what a person's badge shows."""
    from notifications.models import Notification

    def value(person):
        row = Notification.objects.filter(user=person, name="unread_message_count").first()
        return row and row.payload

    return value

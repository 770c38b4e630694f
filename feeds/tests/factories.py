import factory

from feeds.models import OutboxEntry


class OutboxEntryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutboxEntry

    operation = OutboxEntry.Operation.EMPTY_FEED
    subject = factory.Sequence(lambda number: f"accounts.User:{number}")
    key = factory.Sequence(lambda number: f"user:{number}")
    destination = "embedded"

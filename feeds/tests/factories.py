import factory
from django.conf import settings

from feeds.models import OutboxEntry


class OutboxEntryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OutboxEntry

    operation = OutboxEntry.Operation.EMPTY_FEED
    subject = factory.Sequence(lambda number: f"{settings.AUTH_USER_MODEL}:{number}")
    key = factory.Sequence(lambda number: f"user:{number}")
    destination = "embedded"

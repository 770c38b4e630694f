import factory
from django.contrib.auth import get_user_model

from messaging.models import Message
from tests.factories import RowFactory


class PersonFactory(RowFactory):
    class Meta:
        model = get_user_model()

    username = factory.Sequence(lambda number: f"writer{number}")


class MessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Message

    sender = factory.SubFactory(PersonFactory)
    recipient = factory.SubFactory(PersonFactory)
    body = factory.Sequence(lambda number: f"Message {number}")

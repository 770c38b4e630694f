"""People of every kind."""

import factory
from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts import roles, services
from tests.factories import RowFactory

PASSWORD = "correct horse battery staple"


class UnconfirmedUserFactory(RowFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person{number}")
    email = factory.LazyAttribute(lambda person: f"{person.username.lower()}@example.com")
    name = factory.LazyAttribute(lambda person: f"{person.username.capitalize()} Example")
    password = factory.django.Password(PASSWORD)


class UserFactory(UnconfirmedUserFactory):
    """Confirmed, in Members; with feeds, with a verified e-mail address and a Stream user too."""

    @classmethod
    def save(cls, row):
        super().save(row)
        services.confirm(row)

    @classmethod
    def insert(cls, row):
        row.confirmed_at, row.was_published = row.confirmed_at or timezone.now(), True
        super().insert(row)
        add_to_group(row, roles.MEMBERS)


class ModeratorFactory(UserFactory):
    @classmethod
    def save(cls, row):
        super().save(row)
        row.groups.add(roles.group(roles.MODERATORS))
        row.refresh_from_db()

    @classmethod
    def insert(cls, row):
        row.is_staff = True
        super().insert(row)
        add_to_group(row, roles.MODERATORS)


class SuperuserFactory(UserFactory):
    is_staff = True
    is_superuser = True


class SuspendedUserFactory(UserFactory):
    """Suspended as if long ago: no feed entry, session or log entry is left of the act."""

    suspended_at = factory.LazyFunction(timezone.now)
    suspension_reason = "Sent advertisements."


def add_to_group(person, name):
    through = person.groups.through
    through.objects.bulk_create([through(user=person, group=roles.group(name))])

"""People of every kind, made the way the site makes them."""

import factory
from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts import roles, services

PASSWORD = "correct horse battery staple"


class UnconfirmedUserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person{number}")
    email = factory.LazyAttribute(lambda person: f"{person.username.lower()}@example.com")
    name = factory.LazyAttribute(lambda person: f"{person.username.capitalize()} Example")
    password = factory.django.Password(PASSWORD)


class UserFactory(UnconfirmedUserFactory):
    """Confirmed: in Members, with a verified e-mail address and a Stream user in the outbox."""

    @factory.post_generation
    def confirmed(self, create, extracted, **kwargs):
        if create:
            services.confirm(self)


class ModeratorFactory(UserFactory):
    @factory.post_generation
    def moderators(self, create, extracted, **kwargs):
        if create:
            self.groups.add(roles.group(roles.MODERATORS))
            self.refresh_from_db()


class SuperuserFactory(UserFactory):
    is_staff = True
    is_superuser = True


class SuspendedUserFactory(UserFactory):
    """Suspended as if long ago: no feed entry, session or log entry is left of the act."""

    suspended_at = factory.LazyFunction(timezone.now)
    suspension_reason = "Sent advertisements."

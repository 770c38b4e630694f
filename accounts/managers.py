"""Whom a query finds, and how people are made."""

from django.contrib.auth.models import UserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _


class UserQuerySet(models.QuerySet):
    def confirmed(self):
        return self.filter(is_active=True, confirmed_at__isnull=False)

    def not_suspended(self):
        return self.filter(Q(suspended_at=None) | Q(suspended_until__lte=timezone.now()))

    def visible(self):
        """Whom everyone may see: confirmed people who are not suspended."""
        return self.confirmed().not_suspended()

    def due_to_be_lifted(self):
        return self.filter(suspended_at__isnull=False, suspended_until__lte=timezone.now())

    def named(self, username):
        """Whoever has this username in any case; asked in the way that the index answers."""
        if "\x00" in username:  # PostgreSQL refuses the question
            return self.none()
        return self.alias(folded=Lower("username")).filter(folded=username.lower())

    def by_username(self):
        return self.order_by(Lower("username"))


class AccountManager(UserManager.from_queryset(UserQuerySet)):
    @classmethod
    def normalize_email(cls, email):
        return (email or "").strip().lower()

    def get_by_natural_key(self, username):
        return self.named(username).get()

    @transaction.atomic
    def create_superuser(self, username, email=None, password=None, **extra_fields):
        """Make a superuser who can sign in at once; `accounts.signals` confirms them.

        Raises ValidationError, which `manage.py createsuperuser` prints as a sentence.
        """
        if not email:
            raise ValidationError(_("An e-mail address is needed to sign in."))
        extra_fields = {**extra_fields, "is_staff": True, "is_superuser": True}
        person = self.model(username=username, email=email, **extra_fields)
        person.set_password(password)
        person.full_clean()
        person.save(using=self._db)
        return person

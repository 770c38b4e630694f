"""Queries for people and blocks."""

from django.contrib.auth.models import UserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _


def is_visible(prefix=""):
    """Return a condition: the row's person is visible. `prefix` leads to them ("author__")."""
    return Q(**{f"{prefix}is_active": True, f"{prefix}confirmed_at__isnull": False}) & (
        Q(**{f"{prefix}suspended_at": None})
        | Q(**{f"{prefix}suspended_until__lte": timezone.now()})
    )


def may_find(user, person="pk"):
    """Return a condition: there is no block between `user` and the row's person.

    `person` names the field that leads to them. It uses subqueries, not a list of keys, because
    there may be as many blocks as people.
    """
    if not user.is_authenticated:
        return Q()
    blocked = Q(**{f"{person}__in": user.blocks.values("blocked")})
    blockers = Q(**{f"{person}__in": user.blocked_by.values("blocker")})
    return ~blocked & ~blockers


class UserQuerySet(models.QuerySet):
    def visible(self):
        """Keep the people everyone may see: active, confirmed and not suspended."""
        return self.filter(is_visible())

    def suspension_expired(self):
        return self.filter(suspended_at__isnull=False, suspended_until__lte=timezone.now())

    def named(self, username):
        """Keep the person with this username in any case; uses the index."""
        if "\x00" in username:  # PostgreSQL refuses the query
            return self.none()
        return self.alias(folded=Lower("username")).filter(folded=username.lower())

    def known_as(self, text):
        """Keep the people with this username or e-mail address in any case; uses the indexes."""
        if "\x00" in text:
            return self.none()
        folded = self.alias(name_folded=Lower("username"), email_folded=Lower("email"))
        return folded.filter(
            Q(name_folded=text.lower()) | Q(email_folded=text.lower()) & ~Q(email="")
        )

    def by_username(self):
        return self.order_by(Lower("username"))


class BlockQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-id")

    def between(self, person, other):
        return self.filter(Q(blocker=person, blocked=other) | Q(blocker=other, blocked=person))

    def counterpart_ids(self, person):
        """Return the ids of the people whom `person` blocked or who blocked `person`."""
        rows = self.filter(Q(blocker=person) | Q(blocked=person))
        pairs = rows.values_list("blocker_id", "blocked_id")
        return {pk for pair in pairs for pk in pair} - {person.pk}


class AccountManager(UserManager.from_queryset(UserQuerySet)):
    @classmethod
    def normalize_email(cls, email):
        return (email or "").strip().lower()

    def get_by_natural_key(self, username):
        return self.named(username).get()

    @transaction.atomic
    def create_superuser(self, username, email=None, password=None, **extra_fields):
        """Create a superuser who can sign in at once; `accounts.receivers` confirms them.

        Raises ValidationError, which `manage.py createsuperuser` prints.
        """
        if not email:
            raise ValidationError(_("An e-mail address is needed to sign in."))
        extra_fields = {**extra_fields, "is_staff": True, "is_superuser": True}
        person = self.model(username=username, email=email, **extra_fields)
        person.set_password(password)
        person.full_clean()
        person.save(using=self._db)
        return person

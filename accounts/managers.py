"""Whom a query finds, and how people are made."""

from django.contrib.auth.models import UserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _


def is_visible(prefix=""):
    """Condition on rows whose person everyone may see; `prefix` leads to them ("author__")."""
    return Q(**{f"{prefix}is_active": True, f"{prefix}confirmed_at__isnull": False}) & (
        Q(**{f"{prefix}suspended_at": None})
        | Q(**{f"{prefix}suspended_until__lte": timezone.now()})
    )


def may_find(user, person="pk"):
    """Condition on rows whose person `user` comes across: nobody with a block between the two.

    `person` names the field that leads to them. Subqueries, not a list of keys: there may be as
    many blocks as people.
    """
    if not user.is_authenticated:
        return Q()
    blocked = Q(**{f"{person}__in": user.blocks.values("blocked")})
    blockers = Q(**{f"{person}__in": user.blocked_by.values("blocker")})
    return ~blocked & ~blockers


class UserQuerySet(models.QuerySet):
    def visible(self):
        """Whom everyone may see: confirmed people who are not suspended."""
        return self.filter(is_visible())

    def due_to_be_lifted(self):
        return self.filter(suspended_at__isnull=False, suspended_until__lte=timezone.now())

    def named(self, username):
        """Whoever has this username in any case; asked in the way that the index answers."""
        if "\x00" in username:  # PostgreSQL refuses the question
            return self.none()
        return self.alias(folded=Lower("username")).filter(folded=username.lower())

    def known_as(self, words):
        """Whoever has this username or this e-mail address, in any case; the indexes answer."""
        if "\x00" in words:
            return self.none()
        folded = self.alias(name_folded=Lower("username"), email_folded=Lower("email"))
        return folded.filter(
            Q(name_folded=words.lower()) | Q(email_folded=words.lower()) & ~Q(email="")
        )

    def by_username(self):
        return self.order_by(Lower("username"))


class BlockQuerySet(models.QuerySet):
    def newest_first(self):
        return self.order_by("-id")

    def between(self, one, other):
        return self.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one))

    def people_of(self, person):
        """Return the ids of all whom `person` blocked or who blocked `person`."""
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

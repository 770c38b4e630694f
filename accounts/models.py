from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.avatars import avatar_url
from accounts.counters import CounterModel
from accounts.managers import AccountManager, BlockQuerySet

username_validators = [
    RegexValidator(
        r"^[A-Za-z][A-Za-z0-9_.]{0,63}\Z",
        _("A username starts with a letter and has only letters, digits, dots and underscores."),
    )
]


class User(CounterModel, AbstractUser):
    """A person. `confirmed_at` is when they first confirmed an e-mail address."""

    first_name = None
    last_name = None
    username = models.CharField(
        _("username"),
        max_length=64,
        validators=username_validators,
        unique=True,
        error_messages={"unique": _("This username is taken.")},
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    name = models.CharField(_("name"), max_length=64, blank=True)
    about = models.TextField(
        _("about"), blank=True, max_length=500, validators=[MaxLengthValidator(500)]
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True, editable=False)
    # Whether their Stream user was ever queued; outbox entries are deleted after delivery.
    was_published = models.BooleanField(default=False, db_default=False, editable=False)
    last_seen = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)
    # The last page view of the visit before the current one.
    previous_visit_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The number of visible people who follow them, updated by `follows`.
    follower_count = models.PositiveIntegerField(_("followers"), default=0, editable=False)
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True, editable=False)
    suspended_until = models.DateTimeField(
        _("suspended until"), null=True, blank=True, editable=False
    )
    suspension_reason = models.CharField(
        _("reason of the suspension"), max_length=500, blank=True, editable=False
    )

    objects = AccountManager()
    query_updated_fields = frozenset(
        {"follower_count", "last_seen", "previous_visit_at", "was_published"}
    )

    class Meta(AbstractUser.Meta):
        abstract = False
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [("suspend_user", "Can suspend people and lift suspensions")]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique_by_case",
                violation_error_message=_("This username is taken."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_by_case",
                condition=~Q(email=""),
                violation_error_message=_("Somebody else uses this e-mail address."),
            ),
            models.CheckConstraint(
                name="user_suspension_has_start",
                condition=Q(suspended_at__isnull=False) | Q(suspended_until=None),
            ),
        ]
        indexes = [
            models.Index(fields=["-date_joined", "-id"], name="user_newest"),
            models.Index(fields=["suspended_until"], name="user_suspended_until"),
            models.Index(fields=["-follower_count", "-id"], name="user_most_followed"),
            # Partial indexes for the filters of the admin's list, newest first.
            models.Index(
                fields=["-date_joined", "-id"],
                name="user_unconfirmed",
                condition=Q(confirmed_at__isnull=True),
            ),
            models.Index(
                fields=["-date_joined", "-id"],
                name="user_suspended",
                condition=Q(suspended_at__isnull=False),
            ),
            models.Index(
                fields=["-date_joined", "-id"], name="user_staff", condition=Q(is_staff=True)
            ),
        ]

    def __str__(self):
        return self.username

    def get_absolute_url(self):
        return reverse("profile", args=[self.username])

    def get_full_name(self):
        return self.display_name

    def get_short_name(self):
        return self.display_name

    @property
    def display_name(self):
        return self.name or self.username

    @property
    def is_confirmed(self):
        return self.confirmed_at is not None

    @property
    def is_suspended(self):
        if self.suspended_at is None:
            return False
        return self.suspended_until is None or self.suspended_until > timezone.now()

    @property
    def is_visible(self):
        return self.is_active and self.is_confirmed and not self.is_suspended

    @property
    def is_counted(self):
        """Return whether they count as a follower; an expired suspension must be ended first."""
        return self.is_active and self.is_confirmed and self.suspended_at is None

    @property
    def stream_user_data(self):
        """Data of this person's Stream user, or None when they have none."""
        if not self.is_visible:
            return None
        return {
            "username": self.username,
            "name": self.display_name,
            "avatar": avatar_url(self.email),
        }


class Block(models.Model):
    """A block between two people: neither can follow or write to the other."""

    blocker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="blocks",
        verbose_name=_("blocker"),
    )
    blocked = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="blocked_by",
        verbose_name=_("blocked"),
    )
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_unique"),
            models.CheckConstraint(
                name="block_not_oneself", condition=~Q(blocker=models.F("blocked"))
            ),
        ]

    def __str__(self):
        return f"{self.blocker} → {self.blocked}"

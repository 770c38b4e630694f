"""Changes to the account flows of django-allauth."""

from types import SimpleNamespace
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_taken": gettext_lazy("This username is taken."),
    }

    def is_open_for_signup(self, request):
        return settings.SIGNUP == "open"

    def clean_email(self, email):
        """Refuse an address that is longer than the column; allauth would truncate it."""
        field = get_user_model()._meta.get_field("email")
        MaxLengthValidator(field.max_length)(email)
        return super().clean_email(email)

    def save_user(self, request, user, form, commit=True):
        """Save a new person; if the name was taken meanwhile, show the form again."""
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit)
        except IntegrityError:
            form.add_error(None, _("Somebody just took this username or address."))
            page = TemplateResponse(request, "account/signup.html", {"form": form})
            raise ImmediateHttpResponse(page)

    def pre_login(self, request, user, **kwargs):
        if user.suspended_at:
            services.unsuspend_if_expired(user.pk)
            user.refresh_from_db()
        if user.is_suspended:
            clear_login(request)
            context = {"person": user}
            return TemplateResponse(request, "account/suspended.html", context, status=403)
        return super().pre_login(request, user, **kwargs)

    @transaction.atomic
    def confirm_email(self, request, email_address):
        """Confirm an address and remove it from people who entered but never confirmed it."""
        others = get_user_model().objects.exclude(pk=email_address.user_id)
        claimants = others.filter(email__iexact=email_address.email)
        if claimants.filter(confirmed_at__isnull=False).exists():
            template = "account/messages/email_confirmation_failed.txt"
            context = {"email": email_address.email}
            self.add_message(request, messages.ERROR, template, context)
            return False
        claimants.update(email="")
        return super().confirm_email(request, email_address)

    def send_mail(self, template_prefix, email, context):
        """Send a mail whose name and links are the site's, whatever the request's host."""
        site = SimpleNamespace(name=settings.SITE_NAME, domain=settings.SITE_URL)
        context = {name: _use_site_url(name, value) for name, value in context.items()}
        super().send_mail(template_prefix, email, {**context, "current_site": site})

    def _get_login_attempts_cache_key(self, request, **credentials):
        # allauth adds the host, whose port a client can change to start a new count.
        return credentials.get("email", credentials.get("username", "")).lower()

    def get_password_change_redirect_url(self, request):
        return request.user.get_absolute_url()


def _use_site_url(name, value):
    if not name.endswith("_url") or not isinstance(value, str):
        return value
    parts = urlsplit(value)
    return f"{settings.SITE_URL}{parts.path}{'?' if parts.query else ''}{parts.query}"

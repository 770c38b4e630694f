"""People in the admin."""

from datetime import timedelta

import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401 - registers UserSession, which is unregistered below
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import admin_actions, roles, services
from accounts.staff import ReasonedActionsMixin, ReasonedEditsMixin, ReasonedModelForm

admin.site.login = secure_admin_login(admin.site.login)
admin.site.site_header = admin.site.site_title = settings.SITE_NAME

# Addresses, sessions and second factors edited here would no longer match the person. The person's
# page has actions for them.
admin.site.unregister([EmailAddress, UserSession, Authenticator])


class YesNoFilter(admin.SimpleListFilter):
    """A filter by whether the field `moment` is set."""

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request, queryset):
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(**{f"{self.moment}__isnull": self.value() == "no"})


class ConfirmedFilter(YesNoFilter):
    title = gettext_lazy("confirmed e-mail address")
    parameter_name = "confirmed"
    moment = "confirmed_at"


class SuspendedFilter(YesNoFilter):
    title = gettext_lazy("suspended")
    parameter_name = "suspended"
    moment = "suspended_at"


class NewFilter(admin.SimpleListFilter):
    """A filter by the date of joining."""

    title = gettext_lazy("new accounts")
    parameter_name = "new"
    spans = {"day": timedelta(days=1), "week": timedelta(days=7)}

    def lookups(self, request, model_admin):
        return [("day", _("Last 24 hours")), ("week", _("Last 7 days"))]

    def queryset(self, request, queryset):
        if self.value() not in self.spans:
            return queryset
        return queryset.filter(date_joined__gte=timezone.now() - self.spans[self.value()])


class SuperuserForm(ReasonedModelForm, UserChangeForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "email" in self.fields:
            self.fields["email"].required = True


PROFILE = (None, {"fields": ["username", "name", "about"]})
STATE_FIELDS = [
    "date_joined",
    "confirmed_at",
    "last_seen",
    "suspended_at",
    "suspended_until",
    "suspension_reason",
]
STATE = (gettext_lazy("State"), {"fields": STATE_FIELDS})


@admin.register(get_user_model())
class UserAdmin(ReasonedActionsMixin, ReasonedEditsMixin, DjangoUserAdmin):
    list_display = [
        "username",
        "name",
        "email",
        "date_joined",
        "is_confirmed",
        "suspended_at",
        "is_staff",
    ]
    # Other apps add filters of their own to this list (`collections_app.admin`).
    list_filter = [NewFilter, ConfirmedFilter, SuspendedFilter, "is_staff"]
    search_fields = ["username", "name", "email"]
    ordering = ["-date_joined", "-id"]
    sortable_by = ["username", "date_joined"]
    filter_horizontal = []  # its search box fails an accessibility check; these lists are short
    readonly_fields = [*STATE_FIELDS, "last_login", "is_staff"]
    form = SuperuserForm
    add_form = AdminUserCreationForm
    fieldsets = [
        PROFILE,
        (gettext_lazy("Signing in"), {"fields": ["email", "password", "last_login"]}),
        (
            gettext_lazy("Permissions"),
            {"fields": ["is_superuser", "is_staff", "groups", "user_permissions"]},
        ),
        STATE,
    ]
    moderator_fieldsets = [PROFILE, (gettext_lazy("Signing in"), {"fields": ["email"]}), STATE]
    add_fieldsets = [
        (
            None,
            {
                "fields": ["username", "email", "name", "password1", "password2"],
                "description": gettext_lazy(
                    "Nobody is asked to confirm the address: you vouch for it."
                ),
            },
        )
    ]
    reasoned_actions = admin_actions.USER_ACTIONS

    def get_fieldsets(self, request, obj=None):
        if obj is None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return [*self.moderator_fieldsets, (_("Why"), {"fields": ["reason"]})]
        return self.moderator_fieldsets

    def get_readonly_fields(self, request, obj=None):
        if obj is None or request.user.is_superuser:
            return self.readonly_fields
        return [*self.readonly_fields, "email"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is not None and not request.user.is_superuser:
            kwargs["form"] = ReasonedModelForm
        return super().get_form(request, obj, change=change, **kwargs)

    def has_change_permission(self, request, obj=None):
        """Refuse moderators who would change staff; their own profile is in the settings pages."""
        if obj is not None and obj.is_staff and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return False  # the action "Delete…" asks for a reason first

    def user_change_password(self, request, id, form_url=""):  # noqa: A002 - Django's name
        if not request.user.is_superuser:
            raise PermissionDenied(_("Moderators cannot change passwords."))
        return super().user_change_password(request, id, form_url)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            services.confirm(obj)
        elif "email" in form.changed_data:
            services.change_email(person=obj, email=obj.email)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        roles.sync_staff(get_user_model().objects.filter(pk=form.instance.pk))

    @admin.display(boolean=True, description=gettext_lazy("confirmed"))
    def is_confirmed(self, person):
        return person.is_confirmed


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ReasonedEditsMixin, DjangoGroupAdmin):
    """Roles; `manage.py deploy` resets their permissions to the settings."""

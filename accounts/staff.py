"""Staff actions in the admin: each asks for confirmation and a reason, and is logged."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models, transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.signals import staff_action_taken, staff_actions_logged
from transactions import atomically

MAX_REASON_LENGTH = 500
# How many of the affected rows are listed by name.
MAX_NAMES = 5
# The log says that these fields changed, but has no values.
SECRET_FIELDS = {"email", "password"}


class StaffAction(models.TextChoices):
    """Actions in the log; other apps may define more, as `TextChoices`."""

    ADDED = "added", gettext_lazy("Added")
    EDITED = "edited", gettext_lazy("Edited")
    HIDDEN = "hidden", gettext_lazy("Hidden")
    RESTORED = "restored", gettext_lazy("Restored")
    DELETED = "deleted", gettext_lazy("Deleted")
    REMOVED = "removed", gettext_lazy("Removed")
    SUSPENDED = "suspended", gettext_lazy("Suspended")
    LIFTED = "lifted", gettext_lazy("Lifted suspension")
    CONFIRMED = "confirmed", gettext_lazy("Confirmed")
    FACTOR_REMOVED = "factor_removed", gettext_lazy("Removed second factor")


def reason_field():
    return forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReasonForm(forms.Form):
    """The reason for a staff action, which the affected person may be shown."""

    reason = reason_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # the page's own form has the token


def list_names(names, count):
    """Return the first of `names` as a text, with the number of the rest of `count`."""
    shown = names[:MAX_NAMES]
    if count > len(shown):
        shown.append(_("%(count)d more") % {"count": count - len(shown)})
    return get_text_list(shown, _("and"))


def log_action(*, by, target, action, reason, changes=None):
    """Log that `by` did `action` (a `StaffAction`, or another app's) to `target`.

    `changes` has old and new texts by field: `{"name": ["Kerning", "Type"]}`. Within
    `logged_together` all entries are saved at its end. Receivers of the signals lock rows that all
    staff actions need, so log at the end of a transaction, or together.
    """
    # All of the staff read the log, so it is in the site's own language.
    with override(settings.LANGUAGE_CODE):
        entry = LogEntry(
            user=by,
            content_type=ContentType.objects.get_for_model(target),
            object_id=str(target.pk),
            object_repr=str(target)[:200],
            action_flag=CHANGE,
            change_message=f"{action.label}: {reason}",
        )
    entry.action, entry.reason, entry.changes = action, reason, changes or {}
    staff_action_taken.send(sender=LogEntry, entry=entry)
    with logged_together() as entries:
        entries.append(entry)
    return entry


@contextmanager
def logged_together():
    """Save the log entries of a block together at its end; yield the entries so far."""
    if (entries := getattr(connection, "staff_action_entries", None)) is not None:
        before = len(entries)
        try:
            yield entries
        except BaseException:  # the caller rolls back the actions, so drop their entries
            del entries[before:]
            raise
        return
    connection.staff_action_entries = entries = []
    try:
        with transaction.atomic():
            yield entries
            if entries:
                LogEntry.objects.bulk_create(entries)
                staff_actions_logged.send(sender=LogEntry, entries=entries)
    finally:
        del connection.staff_action_entries


@dataclass(frozen=True)
class ActionResult:
    """The number of rows that an action changed, and a sentence about each that it skipped."""

    count: int
    skipped: tuple = ()


@dataclass(frozen=True)
class ReasonedAction:
    """A staff action on one row or many.

    `describe(queryset)` returns a sentence about the rows it affects.
    `perform(queryset, by=, **form.cleaned_data)` returns an ActionResult or a count.
    `applies_to(target)` tells whether the change page of `target` offers it.
    """

    name: str
    label: str
    permission: str
    perform: Callable
    describe: Callable
    form_class: type = ReasonForm
    applies_to: Callable = bool

    @property
    def verb(self):
        return str(self.label).rstrip("…")

    def allowed_to(self, user):
        return user.has_perm(self.permission)

    @atomically
    def run(self, rows, **answers):
        """Perform the action in one transaction and return an ActionResult."""
        with logged_together():
            result = self.perform(rows, **answers)
        return result if isinstance(result, ActionResult) else ActionResult(result)


class ReasonedActionsMixin:
    """Offers a ModelAdmin's `reasoned_actions` in its list, in bulk, and on each change page."""

    reasoned_actions = ()
    change_form_template = "admin/reasoned_change_form.html"

    def get_actions(self, request):
        actions = super().get_actions(request)
        for action in self.reasoned_actions:
            if action.allowed_to(request.user):
                actions[action.name] = (partial(_run_in_bulk, action), action.name, action.label)
        return actions

    def get_urls(self):
        info = (self.opts.app_label, self.opts.model_name)
        view = self.admin_site.admin_view(self.reasoned_action_view)
        route = path("<path:object_id>/act/<slug:name>/", view, name="{}_{}_act".format(*info))
        return [route, *super().get_urls()]

    def reasoned_action_view(self, request, object_id, name):
        """Ask for a reason and perform an action on one row."""
        action = next((action for action in self.reasoned_actions if action.name == name), None)
        rows = self.get_queryset(request).filter(pk=_primary_key(self.opts, object_id))
        if action is None or not rows.exists():
            raise Http404
        response = _confirm(action, self, request, rows, back=self._change_url(object_id))
        if response.status_code == 302 and not rows.all().exists():
            return HttpResponseRedirect(reverse(f"{self._route}_changelist"))
        return response

    def change_view(self, request, object_id, form_url="", extra_context=None):
        target = self.get_object(request, unquote(object_id))
        links = [
            {
                "label": action.label,
                "url": reverse(f"{self._route}_act", args=[object_id, action.name]),
            }
            for action in self.reasoned_actions
            if target and action.allowed_to(request.user) and action.applies_to(target)
        ]
        context = {"reasoned_links": links, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _change_url(self, object_id):
        return reverse(f"{self._route}_change", args=[object_id])

    @property
    def _route(self):
        return f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"


def _primary_key(opts, object_id):
    try:
        return opts.pk.to_python(unquote(object_id))
    except ValidationError:
        raise Http404


def _run_in_bulk(action, modeladmin, request, queryset):
    return _confirm(action, modeladmin, request, queryset, back=request.get_full_path())


def _confirm(action, modeladmin, request, queryset, *, back):
    """Show what `action` affects and ask for a reason; perform it when the form is submitted."""
    if not action.allowed_to(request.user):
        raise PermissionDenied(_("Your account may not do this."))
    submitted = request.method == "POST" and "confirmed" in request.POST
    form = action.form_class(request.POST if submitted else None)
    if submitted and form.is_valid():
        result = action.run(queryset, by=request.user, **form.cleaned_data)
        text = _("%(act)s: %(count)d done.") % {"act": action.verb, "count": result.count}
        modeladmin.message_user(request, text, messages.SUCCESS)
        for text in result.skipped:
            modeladmin.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(back)
    context = {
        **modeladmin.admin_site.each_context(request),
        "opts": modeladmin.opts,
        "title": action.verb,
        "description": action.describe(queryset),
        "form": form,
        "action": action,
        "back": back,
        "selected": request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "is_bulk": "action" in request.POST,
    }
    request.current_app = modeladmin.admin_site.name
    return TemplateResponse(request, "admin/reasoned_action.html", context)


class ReasonedModelForm(forms.ModelForm):
    """An edit in the admin, with its reason."""

    reason = reason_field()


class ReasonedEditsMixin:
    """Asks for a reason with every edit of a ModelAdmin, and logs it with the changes."""

    form = ReasonedModelForm

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs.setdefault("form", getattr(self, "add_form", forms.ModelForm))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        fields = {field for _name, options in fieldsets for field in options["fields"]}
        if "reason" in fields:
            return fieldsets
        return [*fieldsets, (_("Why"), {"fields": ["reason"]})]

    def construct_change_message(self, request, form, formsets, add=False):
        if add or "reason" not in form.fields:
            return super().construct_change_message(request, form, formsets, add)
        return Edit(reason=form.cleaned_data["reason"], changes=changed_values(form))

    def log_change(self, request, obj, message):
        if not isinstance(message, Edit):
            return super().log_change(request, obj, message)
        edit = {"reason": message.reason, "changes": message.changes}
        return log_action(by=request.user, target=obj, action=StaffAction.EDITED, **edit)


@dataclass(frozen=True)
class Edit:
    """The reason and the changes of an edit, as for `log_action`."""

    reason: str
    changes: dict


def changed_values(form):
    """Return old and new texts of the fields that a valid `form` changes."""
    changes = {}
    for name in form.changed_data:
        values = form.get_initial_for_field(form.fields[name], name), form.cleaned_data[name]
        changes[name] = ["…" if name in SECRET_FIELDS else to_text(value) for value in values]
    changes.pop("reason", None)
    return changes


def to_text(value):
    """Return a form's value as the log shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple | models.QuerySet):
        return ", ".join(sorted(map(str, value)))
    return str(value)

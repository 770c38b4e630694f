"""What staff do to people and things: each act is confirmed, gives a reason and is recorded."""

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

from accounts.signals import staff_acted, staff_acts
from transactions import atomically

REASON_LENGTH = 500
# How many of what is touched are called by name.
NAMED = 5
# What staff change here is personal, or a secret: the record says that it changed, not to what.
KEPT_SECRET = {"email", "password"}


class StaffAction(models.TextChoices):
    """What staff do; other apps have acts of their own, of the same form."""

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
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReasonForm(forms.Form):
    """Why staff act; whoever is acted on may be shown it."""

    reason = reason_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # the page's own form has the token


def named(names, count):
    """Return the first of `names` as a text, and how many of `count` are more than these."""
    shown = names[:NAMED]
    if count > len(shown):
        shown.append(_("%(count)d more") % {"count": count - len(shown)})
    return get_text_list(shown, _("and"))


def log_action(*, by, target, action, reason, changes=None):
    """Write down that `by` did `action` (a `StaffAction`, or another app's) to `target`.

    `changes` are texts by what changed, old and new: `{"name": ["Kerning", "Type"]}`. Within
    `logged_together` all acts are written down at its end. Whoever hears of them may lock what
    everyone on the staff waits for: record last, or together.
    """
    # Kept for all of the staff: in the site's own language, whoever acts.
    with override(settings.LANGUAGE_CODE):
        entry = LogEntry(
            user=by,
            content_type=ContentType.objects.get_for_model(target),
            object_id=str(target.pk),
            object_repr=str(target)[:200],
            action_flag=CHANGE,
            change_message=f"{action.label}: {reason}",
        )
    entry.act, entry.reason, entry.changes = action, reason, changes or {}
    staff_acts.send(sender=LogEntry, entry=entry)
    with logged_together() as entries:
        entries.append(entry)
    return entry


@contextmanager
def logged_together():
    """Write down the acts of a block at its end, in one go; yields the entries so far."""
    if (entries := getattr(connection, "acts_of_staff", None)) is not None:
        before = len(entries)
        try:
            yield entries
        except BaseException:  # what is rolled back was not done
            del entries[before:]
            raise
        return
    connection.acts_of_staff = entries = []
    try:
        with transaction.atomic():
            yield entries
            if entries:
                LogEntry.objects.bulk_create(entries)
                staff_acted.send(sender=LogEntry, entries=entries)
    finally:
        del connection.acts_of_staff


@dataclass(frozen=True)
class Done:
    """How many things an act touched, and a sentence about each that it left as it was."""

    count: int
    left: tuple = ()


@dataclass(frozen=True)
class ReasonedAction:
    """An act of staff on one thing or on many.

    `describe(queryset)` returns the sentence that names how much is touched.
    `perform(queryset, by=, **form.cleaned_data)` does it; it returns how many things it touched, or
    what is Done.
    `applies_to(target)` says whether the change page of `target` offers the act.
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
    def do(self, things, **answers):
        """Perform the act in one transaction, and return what is Done."""
        with logged_together():
            done = self.perform(things, **answers)
        return done if isinstance(done, Done) else Done(done)


class ReasonedActionsMixin:
    """Offer a ModelAdmin's `reasoned_actions` in its list, in bulk, and on each change page."""

    reasoned_actions = ()
    change_form_template = "admin/reasoned_change_form.html"

    def get_actions(self, request):
        actions = super().get_actions(request)
        for act in self.reasoned_actions:
            if act.allowed_to(request.user):
                actions[act.name] = (partial(_act_on_many, act), act.name, act.label)
        return actions

    def get_urls(self):
        info = (self.opts.app_label, self.opts.model_name)
        view = self.admin_site.admin_view(self.reasoned_act_view)
        route = path("<path:object_id>/act/<slug:name>/", view, name="{}_{}_act".format(*info))
        return [route, *super().get_urls()]

    def reasoned_act_view(self, request, object_id, name):
        """Ask for a reason, and act on one thing."""
        act = next((act for act in self.reasoned_actions if act.name == name), None)
        things = self.get_queryset(request).filter(pk=_primary_key(self.opts, object_id))
        if act is None or not things.exists():
            raise Http404
        response = _confirm(act, self, request, things, back=self._page_of(object_id))
        if response.status_code == 302 and not things.all().exists():
            return HttpResponseRedirect(self._list())
        return response

    def change_view(self, request, object_id, form_url="", extra_context=None):
        target = self.get_object(request, unquote(object_id))
        links = [
            {"label": act.label, "url": self._page_of(object_id, act)}
            for act in self.reasoned_actions
            if target and act.allowed_to(request.user) and act.applies_to(target)
        ]
        context = {"reasoned_links": links, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def _list(self):
        return reverse(f"{self._route}_changelist")

    def _page_of(self, object_id, act=None):
        if act:
            return reverse(f"{self._route}_act", args=[object_id, act.name])
        return reverse(f"{self._route}_change", args=[object_id])

    @property
    def _route(self):
        return f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"


def _primary_key(opts, object_id):
    try:
        return opts.pk.to_python(unquote(object_id))
    except ValidationError:
        raise Http404


def _act_on_many(act, modeladmin, request, queryset):
    return _confirm(act, modeladmin, request, queryset, back=request.get_full_path())


def _confirm(act, modeladmin, request, queryset, *, back):
    """Show what `act` touches and ask why; act once that is answered."""
    if not act.allowed_to(request.user):
        raise PermissionDenied(_("Your account may not do this."))
    answered = request.method == "POST" and "confirmed" in request.POST
    form = act.form_class(request.POST if answered else None)
    if answered and form.is_valid():
        done = act.do(queryset, by=request.user, **form.cleaned_data)
        text = _("%(act)s: %(count)d done.") % {"act": act.verb, "count": done.count}
        modeladmin.message_user(request, text, messages.SUCCESS)
        for text in done.left:
            modeladmin.message_user(request, text, messages.WARNING)
        return HttpResponseRedirect(back)
    context = {
        **modeladmin.admin_site.each_context(request),
        "opts": modeladmin.opts,
        "title": act.verb,
        "touched": act.describe(queryset),
        "form": form,
        "act": act,
        "back": back,
        "selected": request.POST.getlist(admin.helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "is_bulk": "action" in request.POST,
    }
    request.current_app = modeladmin.admin_site.name
    return TemplateResponse(request, "admin/reasoned_action.html", context)


class ReasonedModelForm(forms.ModelForm):
    """An edit in the admin, and why it was made."""

    reason = reason_field()


class ReasonedEditsMixin:
    """Ask for a reason with every edit of a ModelAdmin, and record it with what changed."""

    form = ReasonedModelForm

    def get_form(self, request, obj=None, change=False, **kwargs):
        if obj is None:
            kwargs.setdefault("form", getattr(self, "add_form", forms.ModelForm))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        named = {field for _name, options in fieldsets for field in options["fields"]}
        if "reason" in named:
            return fieldsets
        return [*fieldsets, (_("Why"), {"fields": ["reason"]})]

    def construct_change_message(self, request, form, formsets, add=False):
        if add or "reason" not in form.fields:
            return super().construct_change_message(request, form, formsets, add)
        return Edit(reason=form.cleaned_data["reason"], changes=changes_of(form))

    def log_change(self, request, obj, message):
        if not isinstance(message, Edit):
            return super().log_change(request, obj, message)
        act = {"reason": message.reason, "changes": message.changes}
        return log_action(by=request.user, target=obj, action=StaffAction.EDITED, **act)


@dataclass(frozen=True)
class Edit:
    """An edit in the admin: why, and what became of what (as for `log_action`)."""

    reason: str
    changes: dict


def changes_of(form):
    """Return what a valid `form` changes, old and new as texts, by field."""
    changes = {}
    for name in form.changed_data:
        values = form.get_initial_for_field(form.fields[name], name), form.cleaned_data[name]
        changes[name] = ["…" if name in KEPT_SECRET else as_text(value) for value in values]
    changes.pop("reason", None)
    return changes


def as_text(value):
    """Return a value of a form as staff read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple | models.QuerySet):
        return ", ".join(sorted(map(str, value)))
    return str(value)

"""The queue of cases and the log of staff actions."""

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.staff import ReasonedActionsMixin
from moderation import decisions
from moderation.admin_actions import CASE_ACTIONS, already_decided_message
from moderation.case_context import case_context
from moderation.forms import DecisionForm
from moderation.labels import ACTION_LABELS, action_label, model_label
from moderation.models import Case, LogRecord, Report
from moderation.services import staff
from readonly_admin import ReadOnlyModelAdmin


class StateFilter(admin.SimpleListFilter):
    """A filter that shows open cases by default."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("decided", _("Decided")), ("all", _("All"))]

    def choices(self, changelist):
        waiting = {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("Waiting"),
        }
        return [waiting, *list(super().choices(changelist))[1:]]

    def queryset(self, request, queryset):
        if self.value() == "decided":
            return queryset.decided()
        return queryset if self.value() == "all" else queryset.open()


@admin.register(Case)
class CaseAdmin(ReasonedActionsMixin, ReadOnlyModelAdmin):
    """The queue of cases, those with most reports first, then the oldest."""

    list_display = ["name", "type_label", "report_count", "author_name", "age", "decision"]
    list_filter = [StateFilter, "is_appeal", "kind"]
    list_select_related = ["author"]
    search_fields = ["title", "author__username"]
    search_help_text = gettext_lazy("Title, or username of the author")
    ordering = ["-report_count", "opened_at", "id"]
    sortable_by = []
    reasoned_actions = CASE_ACTIONS

    def get_ordering(self, request):
        """Return the order of the queue for open cases, newest first for others."""
        return ["-id"] if StateFilter.parameter_name in request.GET else self.ordering

    @admin.display(description=gettext_lazy("what"))
    def name(self, case):
        return case.name

    @admin.display(description=gettext_lazy("kind"))
    def type_label(self, case):
        kind = case.get_kind_display()
        return _("appeal: %(kind)s") % {"kind": kind} if case.is_appeal else kind

    @admin.display(description=gettext_lazy("since"))
    def age(self, case):
        return naturaltime(case.opened_at)

    @admin.display(description=gettext_lazy("author"))
    def author_name(self, case):
        return case.author or "–"

    def get_urls(self):
        decide = self.admin_site.admin_view(self.decide_view)
        message = self.admin_site.admin_view(self.message_view)
        return [
            path("<int:pk>/decide/", decide, name="moderation_case_decide"),
            path("<int:pk>/message/<int:report_pk>/", message, name="moderation_case_message"),
            *super().get_urls(),
        ]

    def changelist_view(self, request, extra_context=None):
        titled = {"title": _("Reports and appeals"), **(extra_context or {})}
        return super().changelist_view(request, titled)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not object_id.isdecimal() or len(object_id) > 18:
            raise Http404
        return self.page(request, self.case(request, object_id))

    def reasoned_action_view(self, request, object_id, name):
        raise Http404  # a single case is decided on its own page

    def decide_view(self, request, pk):
        """Decide one case; show the earlier decision if there is one."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        case = self.case(request, pk)
        form = DecisionForm(request.POST, decisions=decisions.choices(case))
        if not form.is_valid():
            return self.page(request, case, form=form, status=422)
        try:
            case = decisions.decide(case=case, by=request.user, **form.cleaned_data)
        except decisions.AlreadyDecided as error:
            messages.warning(request, already_decided_message(error.case))
            return HttpResponseRedirect(self.address(case))
        except ValidationError as error:
            form.add_error(None, error)
            return self.page(request, case, form=form, status=422)
        text = _("Decided: %(decision)s.") % {"decision": case.get_decision_display()}
        messages.success(request, text)
        return HttpResponseRedirect(reverse("admin:moderation_case_changelist"))

    def message_view(self, request, pk, report_pk):
        """Show the reported message, and log who read it."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        case = self.case(request, pk)
        decisions.check_may_decide(case=case, by=request.user)
        report = get_object_or_404(Report, pk=report_pk, case=case, case__kind=Case.Kind.MESSAGE)
        return self.page(request, case, message=decisions.read_message(report, by=request.user))

    def page(self, request, case, *, form=None, message=None, status=200):
        """Return the page of `case` with its decision form."""
        refusal = refusal_of(case, request.user)
        if form is None and case.is_open and not refusal:
            form = DecisionForm(decisions=decisions.choices(case))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": case.name,
            "case": case,
            "form": form,
            "refusal": refusal,
            "message": message,
            **case_context(case),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/moderation/case.html", context, status=status)

    def get_queryset(self, request):
        """Exclude cases about the user, because they show who reported them."""
        return super().get_queryset(request).not_about(request.user)

    def case(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("author", "decided_by")
        return get_object_or_404(rows, pk=pk)

    def address(self, case):
        return reverse("admin:moderation_case_change", args=[case.pk])


def refusal_of(case, user):
    """Return the reason why `user` may not decide `case`, "" if they may."""
    try:
        decisions.check_may_decide(case=case, by=user)
    except PermissionDenied as error:
        return str(error)
    return ""


class ActionFilter(admin.SimpleListFilter):
    title = gettext_lazy("act")
    parameter_name = "act"

    def lookups(self, request, model_admin):
        return list(ACTION_LABELS.items())

    def queryset(self, request, queryset):
        return queryset.filter(act=self.value()) if self.value() else queryset


class StaffFilter(admin.SimpleListFilter):
    """A filter by current staff; former staff are found by search."""

    title = gettext_lazy("who")
    parameter_name = "staff_id"

    def lookups(self, request, model_admin):
        return [(person.pk, person.username) for person in staff().by_username()]

    def queryset(self, request, queryset):
        value = self.value() or ""
        known = value.isdecimal() and len(value) <= 18
        return queryset.filter(staff_id=value) if known else queryset


@admin.register(LogRecord)
class LogRecordAdmin(ReadOnlyModelAdmin):
    """The read-only log of staff actions."""

    list_display = ["position", "time", "staff_member", "action", "target", "short_reason"]
    list_display_links = ["position"]
    list_filter = [ActionFilter, StaffFilter, "made_at"]
    search_fields = ["staff_name", "thing_text", "reason"]
    search_help_text = gettext_lazy("Who did it, to what, or why")
    ordering = ["-position"]
    sortable_by = []
    fields = [
        "position",
        "made_at",
        "staff_member",
        "action",
        "target",
        "changed_values",
        "reason",
        "hash",
    ]

    @admin.display(description=gettext_lazy("when"))
    def time(self, record):
        return record.made_at.strftime("%Y-%m-%d %H:%M")

    @admin.display(description=gettext_lazy("who"))
    def staff_member(self, record):
        return self.filtered(record.staff_name, staff_id=record.staff_id)

    @admin.display(description=gettext_lazy("act"))
    def action(self, record):
        return action_label(record.act)

    @admin.display(description=gettext_lazy("what"))
    def target(self, record):
        text = f"{model_label(record.thing_type)}: {record.thing_text}"
        return self.filtered(text, thing_type=record.thing_type, thing_id=record.thing_id)

    @admin.display(description=gettext_lazy("reason"))
    def short_reason(self, record):
        return record.reason if len(record.reason) <= 80 else f"{record.reason[:79]}…"

    @admin.display(description=gettext_lazy("old and new"))
    def changed_values(self, record):
        return "\n".join(
            f"{field}: {old or '–'} → {new or '–'}" for field, (old, new) in record.changes.items()
        )

    def get_queryset(self, request):
        """Exclude records about reported messages of the user."""
        own = Case.objects.filter(kind=Case.Kind.MESSAGE, author=request.user)
        keys = [str(pk) for pk in own.values_list("pk", flat=True)]
        return (
            super().get_queryset(request).exclude(thing_type="moderation.case", thing_id__in=keys)
        )

    def filtered(self, text, **values):
        """Return a link to the list of records with these values."""
        address = reverse("admin:moderation_logrecord_changelist")
        return format_html('<a href="{}?{}">{}</a>', address, urlencode(values), text)

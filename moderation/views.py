"""Pages of moderation for everyone; the admin has those for staff."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, PermissionRequiredMixin
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import FormView, ListView

from collections_app.access import FORM_METHODS
from collections_app.models import Collection, Content
from moderation import access, services, statistics
from moderation.forms import AppealForm, ReportForm
from moderation.models import Case, Report
from moderation.reportables import type_of
from rate_limits.limits import LimitExceeded
from rate_limits.views import LimitedFormMixin

# The most hidden collections, and links, that the list shows.
MAX_HIDDEN = 500


class TargetFormView(FormView):
    """A form about the target in the URL; `existing` is the user's earlier report or appeal."""

    http_method_names = FORM_METHODS

    def get_context_data(self, **kwargs):
        target_type = type_of(self.target)
        return super().get_context_data(
            target=self.target,
            title=target_type.title(self.target),
            kind=target_type.name,
            existing=self.existing,
            **kwargs,
        )

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


class ReportView(PermissionRequiredMixin, LimitedFormMixin, TargetFormView):
    """Report a target to moderators."""

    template_name = "moderation/report_form.html"
    form_class = ReportForm
    permission_required = "moderation.add_report"

    def get_permission_denied_message(self):
        if not self.request.user.is_confirmed:
            return _("Confirm your e-mail address first: then you can report.")
        return _("Your account may not report.")

    @cached_property
    def target(self):
        return access.reportable(self.request.user, **self.kwargs)

    @cached_property
    def existing(self):
        return services.open_report(self.request.user, self.target)

    def form_valid(self, form):
        try:
            services.report(reporter=self.request.user, target=self.target, **form.cleaned_data)
        except LimitExceeded as exceeded:
            return self.too_many_requests(form, exceeded)
        except ObjectDoesNotExist:
            raise Http404
        text = _("Thank you. A moderator will look at it. You find the outcome here.")
        messages.success(self.request, text)
        return redirect("moderation:my_reports")

    def limit_message(self, exceeded):
        text = _("You have made very many reports today. You can make this one in %(time)s.")
        return text % {"time": exceeded.time_left}


class AppealView(LoginRequiredMixin, TargetFormView):
    """Appeal against the hiding of a collection or link, once."""

    template_name = "moderation/appeal_form.html"
    form_class = AppealForm

    @cached_property
    def target(self):
        return access.own_hidden_target(self.request.user, **self.kwargs)

    @cached_property
    def existing(self):
        return services.appeal_of(self.target)

    def form_valid(self, form):
        _case, is_new = services.appeal(
            author=self.request.user, target=self.target, **form.cleaned_data
        )
        if is_new:
            text = _("A moderator will take a second look. You find the outcome here.")
            messages.success(self.request, text)
        return HttpResponseRedirect(self.request.path)


class MyReportsView(LoginRequiredMixin, ListView):
    """The user's reports and their outcomes, newest first."""

    template_name = "moderation/my_reports.html"
    context_object_name = "reports"

    def get_queryset(self):
        rows = Report.objects.filter(reporter=self.request.user)
        return rows.select_related("case").order_by("-id")

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE


@require_safe
def numbers(request):
    """Show the numbers of moderation in one month."""
    months = statistics.months()
    try:
        month = statistics.parse_month(request.GET.get("month"), months)
    except ValueError:
        raise Http404
    context = {"month": month, "months": months, **statistics.of_month(month)}
    return render(request, "moderation/numbers.html", context)


class MyHiddenTargetsView(LoginRequiredMixin, ListView):
    """The user's hidden collections and links, with reasons and appeals."""

    template_name = "moderation/my_hidden_things.html"
    context_object_name = "targets"

    def get_queryset(self):
        user = self.request.user
        collections = Collection.objects.filter(author=user, hidden_at__isnull=False)
        links = Content.objects.filter(collection__author=user, hidden_at__isnull=False)
        newest = [rows.order_by("-hidden_at")[:MAX_HIDDEN] for rows in (collections, links)]
        targets = [*newest[0], *newest[1].select_related("collection")]
        return sorted(targets, key=lambda target: target.hidden_at, reverse=True)

    def get_paginate_by(self, queryset):
        return settings.RESULTS_PER_PAGE

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        keys = [target.pk for target in context["targets"]]
        appeals = Case.objects.appeals().filter(author=self.request.user, thing_id__in=keys)
        by_target = {(case.kind, case.thing_id, case.hidden_at): case for case in appeals}
        rows = []
        for target in context["targets"]:
            kind = type_of(target).name
            rows.append((target, kind, by_target.get((kind, target.pk, target.hidden_at))))
        return {**context, "rows": rows}

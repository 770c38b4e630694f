from django.contrib import admin, messages
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from feeds.models import OutboxEntry
from readonly_admin import ReadOnlyModelAdmin


@admin.register(OutboxEntry)
class OutboxEntryAdmin(ReadOnlyModelAdmin):
    """Entries of the outbox: read-only, apart from a retry."""

    list_display = ["id", "operation", "subject", "key", "state", "attempts", "due_at", "error"]
    list_filter = ["state"]
    search_fields = ["subject__exact", "key__exact"]
    search_help_text = _("Subject (app.Model:id) or key (group:id), in full")
    ordering = ["-id"]
    actions = ["retry"]

    def has_retry_permission(self, request):
        return request.user.has_perm("feeds.change_outboxentry")

    def changelist_view(self, request, extra_context=None):
        if OutboxEntry.objects.elsewhere().pending().exists():
            text = _("Some entries wait for another destination: this site does not deliver them.")
            self.message_user(request, text, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def get_search_results(self, request, queryset, search_term):
        if not search_term:
            return queryset, False
        return queryset.filter(Q(subject=search_term) | Q(key=search_term)), False

    @admin.action(description=_("Try again now"), permissions=["retry"])
    def retry(self, request, queryset):
        states = OutboxEntry.State
        undelivered = queryset.exclude(state=states.DELIVERED)
        first = undelivered.order_by("pk").first()
        # The claim stays: its process may be sending the entry right now.
        count = undelivered.update(state=states.PENDING, due_at=timezone.now())
        if first:  # one log entry for all: an outage may have parked very many
            self.log_change(request, first, f"{count} entries are tried again")
        text = ngettext(
            "%(count)d entry will be tried again.",
            "%(count)d entries will be tried again.",
            count,
        )
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

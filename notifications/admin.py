from datetime import UTC, datetime

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from notifications.models import Notification


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):
    """What people are told: to look at, nothing else."""

    list_display = ["name", "user", "payload", "changed_at"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    search_help_text = _("Username")
    fields = list_display
    ordering = ["-id"]
    sortable_by = []
    show_full_result_count = False

    @admin.display(description=_("changed"))
    def changed_at(self, notification):
        return datetime.fromtimestamp(notification.timestamp, tz=UTC)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

from datetime import UTC, datetime

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from notifications.models import Notification
from readonly_admin import ReadOnlyModelAdmin


@admin.register(Notification)
class NotificationAdmin(ReadOnlyModelAdmin):
    """Notifications, read-only."""

    list_display = ["name", "user", "payload", "changed_at"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    search_help_text = _("Username")
    fields = list_display
    ordering = ["-id"]

    @admin.display(description=_("changed"))
    def changed_at(self, notification):
        return datetime.fromtimestamp(notification.timestamp, tz=UTC)

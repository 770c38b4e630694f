from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from messaging.models import Message
from readonly_admin import ReadOnlyModelAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyModelAdmin):
    """Who wrote to whom and when; what they wrote is nobody else's to read."""

    list_display = ["sent_at", "sender", "recipient"]
    list_select_related = ["sender", "recipient"]
    search_fields = ["sender__username", "recipient__username"]
    search_help_text = _("Username of either")
    fields = ["sender", "recipient", "sent_at"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("body")

    def lookup_allowed(self, lookup, value, request):
        """An address such as ?body__contains=… would tell what nobody is shown."""
        return not lookup.startswith("body") and super().lookup_allowed(lookup, value, request)

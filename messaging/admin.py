from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from messaging.models import Message
from readonly_admin import ReadOnlyModelAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyModelAdmin):
    """Messages without their texts, which are private."""

    list_display = ["sent_at", "sender", "recipient"]
    list_select_related = ["sender", "recipient"]
    search_fields = ["sender__username", "recipient__username"]
    search_help_text = _("Username of either")
    fields = ["sender", "recipient", "sent_at"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("body")

    def lookup_allowed(self, lookup, value, request):
        """Refuse lookups of texts, such as ?body__contains=…, which would reveal them."""
        return not lookup.startswith("body") and super().lookup_allowed(lookup, value, request)

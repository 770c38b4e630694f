from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from messaging.models import Message


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """Who wrote to whom and when; what they wrote is nobody else's to read."""

    list_display = ["sent_at", "sender", "recipient"]
    list_select_related = ["sender", "recipient"]
    search_fields = ["sender__username", "recipient__username"]
    search_help_text = _("Username of either")
    fields = ["sender", "recipient", "sent_at"]
    ordering = ["-id"]
    sortable_by = []
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).defer("body")

    def lookup_allowed(self, lookup, value, request):
        """An address such as ?body__contains=… would tell what nobody is shown."""
        return not lookup.startswith("body") and super().lookup_allowed(lookup, value, request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

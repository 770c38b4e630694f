from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from previews.models import Picture
from readonly_admin import ReadOnlyModelAdmin


@admin.register(Picture)
class PictureAdmin(ReadOnlyModelAdmin):
    """Stored pictures and their sources."""

    list_display = ["shown", "source", "created_at", "used_at"]
    fields = ["shown", "source", "sha256", "width", "height", "created_at", "used_at"]
    ordering = ["-used_at"]
    sortable_by = ["used_at"]
    search_fields = ["sha256__exact"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("content")

    @admin.display(description=_("picture"))
    def shown(self, picture):
        markup = '<img src="{}" alt="{}" width="160" height="90" loading="lazy">'
        return format_html(markup, picture.get_absolute_url(), picture)

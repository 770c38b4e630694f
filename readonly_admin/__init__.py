"""A read-only base class for the admin, for every app but `feedserver`, which stands alone."""

from django.contrib import admin


class ReadOnlyModelAdmin(admin.ModelAdmin):
    """Show rows that staff cannot add, change or delete."""

    show_full_result_count = False
    sortable_by = ()

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

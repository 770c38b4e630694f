"""Follows as staff see them: found and removed (bots), never made."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.staff import ReasonedAction, ReasonedActionsMixin, record_act
from follows.models import CollectionFollow, Follow


def describe(follows):
    count = follows.count()
    return ngettext("%(count)d follow.", "%(count)d follows.", count) % {"count": count}


def remove_people(follows, *, by, reason):
    """Remove follows of people; return how many."""
    rows = list(follows.select_related("follower", "followed"))
    return sum(_remove(row, row.followed, by=by, reason=reason) for row in rows)


def remove_collections(follows, *, by, reason):
    rows = list(follows.select_related("follower", "collection__author"))
    return sum(_remove(row, row.collection, by=by, reason=reason) for row in rows)


def _remove(row, followed, *, by, reason):
    removed = type(row).objects.unfollow(row.follower, followed)
    if removed:
        record_act(by=by, thing=row, act=_("Removed"), reason=reason)
    return removed


class FollowAdmin(ReasonedActionsMixin, admin.ModelAdmin):
    show_full_result_count = False
    list_filter = ["created_at"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).by_hand()

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # the act "Remove…" asks for a reason and goes through the manager


def removal(model, perform):
    """Return the act that removes rows of `model`."""
    return ReasonedAction(
        name="remove",
        label=gettext_lazy("Remove…"),
        permission=f"follows.delete_{model._meta.model_name}",
        perform=perform,
        describe=describe,
    )


@admin.register(Follow)
class PersonFollowAdmin(FollowAdmin):
    list_display = ["follower", "followed", "created_at"]
    list_select_related = ["follower", "followed"]
    search_fields = ["follower__username", "followed__username"]
    search_help_text = gettext_lazy("Username of either")
    fields = list_display
    reasoned_actions = [removal(Follow, remove_people)]


@admin.register(CollectionFollow)
class CollectionFollowAdmin(FollowAdmin):
    list_display = ["follower", "collection", "author", "created_at"]
    list_select_related = ["follower", "collection__author"]
    search_fields = ["follower__username", "collection__name", "collection__author__username"]
    search_help_text = gettext_lazy("Username of the follower or the author, or the collection")
    fields = list_display
    reasoned_actions = [removal(CollectionFollow, remove_collections)]

    @admin.display(description=gettext_lazy("author"))
    def author(self, follow):
        return follow.collection.author

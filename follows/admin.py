"""Follows in the admin: staff can search and remove them."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.staff import ReasonedAction, ReasonedActionsMixin, StaffAction, log_action
from follows.models import CollectionFollow, Follow
from readonly_admin import ReadOnlyModelAdmin

# Removing locks all followers and followed people until all are removed.
MAX_PER_ACTION = 1000


def describe(follows):
    count = follows.count()
    text = ngettext("%(count)d follow.", "%(count)d follows.", count) % {"count": count}
    if count <= MAX_PER_ACTION:
        return text
    return _("%(text)s The oldest %(most)d are removed at a time.") % {
        "text": text,
        "most": MAX_PER_ACTION,
    }


def remove(follows, *, by, reason):
    """Remove the oldest of `follows`, at most MAX_PER_ACTION; return their number."""
    objects = follows.model.objects
    oldest = list(follows.order_by("pk").values_list("pk", flat=True)[:MAX_PER_ACTION])
    logged = objects.in_bulk(oldest)
    removed = objects.remove(objects.filter(pk__in=oldest))
    for pk in removed:
        log_action(by=by, target=logged[pk], action=StaffAction.REMOVED, reason=reason)
    return len(removed)


class FollowAdmin(ReasonedActionsMixin, ReadOnlyModelAdmin):
    """Read-only follows with the action "Remove…", which uses the manager."""

    list_filter = ["created_at"]
    ordering = ["-created_at", "-id"]
    sortable_by = ["created_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).explicit()


def remove_action(model):
    """Return the action that removes rows of `model`."""
    return ReasonedAction(
        name="remove",
        label=gettext_lazy("Remove…"),
        permission=f"follows.delete_{model._meta.model_name}",
        perform=remove,
        describe=describe,
    )


@admin.register(Follow)
class PersonFollowAdmin(FollowAdmin):
    list_display = ["follower", "followed", "created_at"]
    list_select_related = ["follower", "followed"]
    search_fields = ["follower__username", "followed__username"]
    search_help_text = gettext_lazy("Username of either")
    fields = list_display
    reasoned_actions = [remove_action(Follow)]


@admin.register(CollectionFollow)
class CollectionFollowAdmin(FollowAdmin):
    list_display = ["follower", "collection", "author", "created_at"]
    list_select_related = ["follower", "collection__author"]
    search_fields = ["follower__username", "collection__author__username"]
    search_help_text = gettext_lazy("Username of the follower or the author")
    fields = list_display
    reasoned_actions = [remove_action(CollectionFollow)]

    @admin.display(description=gettext_lazy("author"))
    def author(self, follow):
        return follow.collection.author

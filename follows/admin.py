"""Follows as staff see them: found and removed (bots), never made."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.staff import ReasonedAction, ReasonedActionsMixin, StaffAction, log_action
from follows.models import CollectionFollow, Follow
from readonly_admin import ReadOnlyModelAdmin

# Each waits for everyone who follows or is followed, so nobody waits for very many.
AT_ONCE = 1000


def describe(follows):
    count = follows.count()
    text = ngettext("%(count)d follow.", "%(count)d follows.", count) % {"count": count}
    if count <= AT_ONCE:
        return text
    return _("%(text)s The oldest %(most)d are removed at a time.") % {
        "text": text,
        "most": AT_ONCE,
    }


def remove(follows, *, by, reason):
    """Remove follows of people or of collections, the oldest thousand; return how many."""
    objects = follows.model.objects
    oldest = list(follows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    logged = objects.in_bulk(oldest)
    ended = objects.end(objects.filter(pk__in=oldest))
    for pk in ended:
        log_action(by=by, target=logged[pk], action=StaffAction.REMOVED, reason=reason)
    return len(ended)


class FollowAdmin(ReasonedActionsMixin, ReadOnlyModelAdmin):
    """Looked at; the act "Remove…" asks for a reason and goes through the manager."""

    list_filter = ["created_at"]
    ordering = ["-created_at", "-id"]
    sortable_by = ["created_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).by_hand()


def removal(model):
    """Return the act that removes rows of `model`."""
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
    reasoned_actions = [removal(Follow)]


@admin.register(CollectionFollow)
class CollectionFollowAdmin(FollowAdmin):
    list_display = ["follower", "collection", "author", "created_at"]
    list_select_related = ["follower", "collection__author"]
    search_fields = ["follower__username", "collection__author__username"]
    search_help_text = gettext_lazy("Username of the follower or the author")
    fields = list_display
    reasoned_actions = [removal(CollectionFollow)]

    @admin.display(description=gettext_lazy("author"))
    def author(self, follow):
        return follow.collection.author

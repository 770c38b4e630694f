"""Read-only admin pages of the feed server's tables."""

from functools import reduce
from operator import or_

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from feedserver import conf, ids
from feedserver.models import (
    Activity,
    ActivityGroup,
    AuditEntry,
    Feed,
    FeedEntry,
    FeedLength,
    Follow,
    Reaction,
    ReactionCount,
    RemovedActivity,
    StreamObject,
    StreamUser,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False
    sortable_by = ()

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


def find_feeds_named(name):
    """Return the feeds named `name`: an id in any group, or one feed as "group:id"."""
    group, _colon, user_id = name.rpartition(":")
    # With the group in the condition the index of feeds is used.
    return Feed.objects.filter(slug__in=[group] if group else list(conf.groups()), user_id=user_id)


class FeedSearchAdmin(ReadOnlyAdmin):
    """Rows that are searched by the feeds in their `feed_fields`."""

    feed_fields = ()
    search_help_text = _("A feed as group:id, or its id inside the group, in full")

    def get_search_results(self, request, queryset, search_term):
        if not search_term:
            return queryset, False
        feeds = list(find_feeds_named(search_term).values_list("pk", flat=True))
        conditions = [Q(**{f"{field}__in": feeds}) for field in self.feed_fields]
        return queryset.filter(reduce(or_, conditions)), False


class GroupFilter(admin.SimpleListFilter):
    """A filter by the feed groups in the settings."""

    title = _("group")
    parameter_name = "group"

    def lookups(self, request, model_admin):
        return [
            (slug, f"{slug} ({options.get('type')})") for slug, options in conf.groups().items()
        ]

    def queryset(self, request, queryset):
        return queryset.filter(slug=self.value()) if self.value() else queryset


@admin.register(Feed)
class FeedAdmin(FeedSearchAdmin):
    list_display = ["__str__", "slug", "user_id", "created_at"]
    list_filter = [GroupFilter]
    search_fields = ["user_id__exact"]
    feed_fields = ["pk"]
    ordering = ["slug", "user_id"]


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ["wire_id", "actor", "verb", "object", "foreign_id", "time"]
    search_fields = ["foreign_id__exact"]
    search_help_text = _("Foreign id, in full")
    ordering = ["-id"]

    @admin.display(description=_("id"))
    def wire_id(self, activity):
        return ids.to_wire(activity.pk)


@admin.register(ActivityGroup)
class ActivityGroupAdmin(FeedSearchAdmin):
    list_display = ["feed", "name", "activity_count", "actor_count", "is_seen", "is_read"]
    list_select_related = ["feed"]
    search_fields = ["feed__user_id__exact"]
    feed_fields = ["feed"]
    ordering = ["-id"]


@admin.register(FeedEntry)
class FeedEntryAdmin(ReadOnlyAdmin):
    list_display = ["feed", "activity", "origin", "group"]
    list_select_related = ["feed", "activity", "origin", "group"]
    search_fields = ["activity__foreign_id__exact"]
    search_help_text = _("Foreign id of the activity, in full")
    ordering = ["-id"]


@admin.register(FeedLength)
class FeedLengthAdmin(ReadOnlyAdmin):
    list_display = ["feed", "copies"]
    list_select_related = ["feed"]
    search_fields = ["feed__user_id__exact"]
    search_help_text = _("Id of the feed inside its group, in full")
    ordering = ["-feed"]


@admin.register(Follow)
class FollowAdmin(FeedSearchAdmin):
    list_display = ["source", "target", "created_at"]
    list_select_related = ["source", "target"]
    search_fields = ["source__user_id__exact", "target__user_id__exact"]
    feed_fields = ["source", "target"]
    ordering = ["-id"]


@admin.register(RemovedActivity)
class RemovedActivityAdmin(ReadOnlyAdmin):
    list_display = ["wire_id", "removed_at"]
    ordering = ["-removed_at", "-id"]

    @admin.display(description=_("id"), ordering="id")
    def wire_id(self, removed):
        return ids.to_wire(removed.pk)


@admin.register(StreamUser)
class StreamUserAdmin(ReadOnlyAdmin):
    list_display = ["id", "updated_at"]
    search_fields = ["id__exact"]
    ordering = ["id"]


@admin.register(StreamObject)
class StreamObjectAdmin(ReadOnlyAdmin):
    list_display = ["collection", "object_id", "updated_at"]
    search_fields = ["object_id__exact"]
    search_help_text = _("collection:id, in full")
    ordering = ["-id"]

    def get_search_results(self, request, queryset, search_term):
        if not search_term:
            return queryset, False
        collection, _colon, object_id = search_term.partition(":")
        return queryset.filter(collection=collection, object_id=object_id), False


@admin.register(Reaction)
class ReactionAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "user_id", "subject", "deleted_at"]
    search_fields = ["name__exact"]
    search_help_text = _("Id of the reaction, in full")
    ordering = ["-id"]


@admin.register(ReactionCount)
class ReactionCountAdmin(ReadOnlyAdmin):
    list_display = ["subject", "kind", "number"]
    search_fields = ["subject__exact"]
    search_help_text = _("What was reacted to, in full (SA:… or SR:…)")
    ordering = ["-id"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "user_id", "action", "entity_type", "entity_id"]
    search_fields = ["entity_id__exact", "user_id__exact"]
    search_help_text = _("Id of an activity, a reaction or a user, in full")
    ordering = ["-id"]

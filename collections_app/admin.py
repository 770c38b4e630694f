"""Collections, links and their pictures in the admin."""

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin import UserAdmin, YesNoFilter
from accounts.staff import ReasonedAction, ReasonedActionsMixin, ReasonedEditsMixin
from collections_app import hosts, services
from collections_app.models import Collection, Content
from previews.admin import PictureAdmin
from previews.models import Picture


def describe_collections(collections):
    """Return how many collections and links an action affects, as text."""
    count, links = collections.count(), Content.objects.filter(collection__in=collections).count()
    return _("%(collections)s with %(links)s.") % {
        "collections": ngettext("%(n)d collection", "%(n)d collections", count) % {"n": count},
        "links": ngettext("%(n)d link", "%(n)d links", links) % {"n": links},
    }


def describe_links(links):
    count = links.count()
    return ngettext("%(n)d link.", "%(n)d links.", count) % {"n": count}


def describe_pictures(pictures):
    count = Content.objects.filter(picture__in=pictures).count()
    return ngettext("Shown with %(n)d link.", "Shown with %(n)d links.", count) % {"n": count}


def apply_to_each(service, name="target"):
    """Return a function that applies `service` to each row and returns how many it changed."""

    def perform(rows, *, by, reason):
        return sum(service(**{name: row}, by=by, reason=reason) for row in list(rows))

    return perform


class SuperuserAction(ReasonedAction):
    def allowed_to(self, user):
        return user.is_superuser


def staff_actions(model, describe):
    """Return the actions of staff on rows of `model`."""
    permission = f"collections_app.moderate_{model._meta.model_name}"
    hide = ReasonedAction(
        name="hide",
        label=gettext_lazy("Hide…"),
        permission=permission,
        perform=apply_to_each(services.hide),
        describe=describe,
        applies_to=lambda target: not target.is_hidden,
    )
    restore = ReasonedAction(
        name="restore",
        label=gettext_lazy("Restore…"),
        permission=permission,
        perform=apply_to_each(services.restore),
        describe=describe,
        applies_to=lambda target: target.is_hidden,
    )
    delete = SuperuserAction(
        name="delete",
        label=gettext_lazy("Delete…"),
        permission="",
        perform=apply_to_each(services.delete),
        describe=describe,
    )
    return [hide, restore, delete]


class HiddenFilter(YesNoFilter):
    title = gettext_lazy("hidden")
    parameter_name = "hidden"
    moment = "hidden_at"


class ValueFilter(admin.SimpleListFilter):
    """A filter by the value that a link carries; there are too many values to offer a choice."""

    def lookups(self, request, model_admin):
        return [(self.value(), self.value())] if self.value() else []

    def queryset(self, request, queryset):
        return self.narrow(queryset) if self.value() else queryset


class HostFilter(ValueFilter):
    title = gettext_lazy("host")
    parameter_name = "host"

    def narrow(self, links):
        return links.filter(host=self.value())


class AuthorFilter(ValueFilter):
    title = gettext_lazy("author")
    parameter_name = "author"

    def narrow(self, links):
        author = get_user_model().objects.named(self.value()).values_list("pk", flat=True)
        return links.filter(collection__author__in=list(author))


class RepeatedHostFilter(admin.SimpleListFilter):
    """Many links to one host by one person, among the newest links (`collections_app.hosts`)."""

    title = gettext_lazy("many links to one host")
    parameter_name = "hosts"

    def lookups(self, request, model_admin):
        return [("many", _("Among the newest %(number)d links") % {"number": hosts.NEWEST_LINKS})]

    def queryset(self, request, queryset):
        return self.narrow(queryset) if self.value() == "many" else queryset

    def narrow(self, links):
        # A list of keys, so that the admin's further queries do not repeat the search.
        return links.filter(
            pk__in=list(hosts.links_to_repeated_hosts().values_list("pk", flat=True))
        )


class RepeatedHostAuthorFilter(RepeatedHostFilter):
    def narrow(self, people):
        return people.filter(pk__in={row["author"] for row in hosts.repeated_hosts()})


UserAdmin.list_filter.append(RepeatedHostAuthorFilter)


class ModeratedAdmin(ReasonedActionsMixin, ReasonedEditsMixin, admin.ModelAdmin):
    """A list in which staff search, edit, hide and restore rows; only the site adds them."""

    list_filter = [HiddenFilter, "created_at"]
    state_fields = ["created_at", "hidden_at", "hidden_reason"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # the action "Delete…" asks for a reason and calls the service


@admin.register(Collection)
class CollectionAdmin(ModeratedAdmin):
    list_display = ["name", "author", "created_at", "last_added_at", "follower_count", "hidden_at"]
    list_select_related = ["author"]
    search_fields = [*Collection.text_fields, "author__username"]
    ordering = ["-created_at", "-id"]
    sortable_by = ["created_at", "last_added_at", "follower_count"]
    # The author never changes: the id of the feed that has the collection is the author's key.
    readonly_fields = ["author", *ModeratedAdmin.state_fields, "last_added_at", "follower_count"]
    fields = [*Collection.text_fields, *readonly_fields]
    reasoned_actions = staff_actions(Collection, describe_collections)

    def save_model(self, request, obj, form, change):
        services.update_collection(collection=obj, **obj.texts)


@admin.register(Content)
class ContentAdmin(ModeratedAdmin):
    list_display = ["title", "links_to", "collection", "author", "created_at", "hidden_at"]
    list_filter = [RepeatedHostFilter, HostFilter, AuthorFilter, *ModeratedAdmin.list_filter]
    list_select_related = ["collection__author"]
    search_fields = ["title", "url", "host__exact", "collection__author__username"]
    ordering = ["-created_at", "-id"]
    sortable_by = ["created_at"]
    readonly_fields = ["collection", "author", "picture", *ModeratedAdmin.state_fields]
    fields = [*Content.text_fields, *readonly_fields]
    reasoned_actions = staff_actions(Content, describe_links)

    def save_model(self, request, obj, form, change):
        services.update_link(link=obj, **obj.texts)

    @admin.display(description=gettext_lazy("author"))
    def author(self, link):
        return link.author

    @admin.display(description=gettext_lazy("host"), empty_value="–")
    def links_to(self, link):
        if not link.host:
            return None
        return format_html('<a href="?{}">{}</a>', urlencode({"host": link.host}), link.host)


class PictureOfLinksAdmin(ReasonedActionsMixin, PictureAdmin):
    """Pictures that staff can delete; the URL of a deleted picture answers 404."""

    reasoned_actions = [
        ReasonedAction(
            name="delete",
            label=gettext_lazy("Delete…"),
            permission="collections_app.moderate_content",
            perform=apply_to_each(services.delete_picture, "picture"),
            describe=describe_pictures,
        )
    ]


admin.site.unregister(Picture)
admin.site.register(Picture, PictureOfLinksAdmin)

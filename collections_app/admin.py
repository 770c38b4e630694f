"""Collections and links as staff see them."""

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
    """Return how many collections and how many links in them are touched."""
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


def each(act, name="target"):
    """Return the act on many things that does `act` to each, and counts those it changed."""

    def perform(things, *, by, reason):
        return sum(act(**{name: target}, by=by, reason=reason) for target in list(things))

    return perform


class SuperuserAction(ReasonedAction):
    def allowed_to(self, user):
        return user.is_superuser


def acts(model, describe):
    """Return the acts of staff on rows of `model`."""
    permission = f"collections_app.moderate_{model._meta.model_name}"
    hide = ReasonedAction(
        name="hide",
        label=gettext_lazy("Hide…"),
        permission=permission,
        perform=each(services.hide),
        describe=describe,
        applies_to=lambda target: not target.is_hidden,
    )
    restore = ReasonedAction(
        name="restore",
        label=gettext_lazy("Restore…"),
        permission=permission,
        perform=each(services.restore),
        describe=describe,
        applies_to=lambda target: target.is_hidden,
    )
    delete = SuperuserAction(
        name="delete",
        label=gettext_lazy("Delete…"),
        permission="",
        perform=each(services.delete),
        describe=describe,
    )
    return [hide, restore, delete]


class HiddenFilter(YesNoFilter):
    title = gettext_lazy("hidden")
    parameter_name = "hidden"
    moment = "hidden_at"


class NamedFilter(admin.SimpleListFilter):
    """What a row or another page names, one of too many to offer."""

    def lookups(self, request, model_admin):
        return [(self.value(), self.value())] if self.value() else []

    def queryset(self, request, queryset):
        return self.narrow(queryset) if self.value() else queryset


class HostFilter(NamedFilter):
    title = gettext_lazy("host")
    parameter_name = "host"

    def narrow(self, links):
        return links.filter(host=self.value())


class AuthorFilter(NamedFilter):
    title = gettext_lazy("author")
    parameter_name = "author"

    def narrow(self, links):
        author = get_user_model().objects.named(self.value()).values_list("pk", flat=True)
        return links.filter(collection__author__in=list(author))


class OneHostFilter(admin.SimpleListFilter):
    """Many links to one host by one person, among the newest links (`collections_app.hosts`)."""

    title = gettext_lazy("many links to one host")
    parameter_name = "hosts"

    def lookups(self, request, model_admin):
        return [("many", _("Among the newest %(number)d links") % {"number": hosts.NEWEST})]

    def queryset(self, request, queryset):
        return self.narrow(queryset) if self.value() == "many" else queryset

    def narrow(self, links):
        # Asked once, not with each question about the list.
        return links.filter(pk__in=list(hosts.links_to_one_host().values_list("pk", flat=True)))


class AuthorOfOneHostFilter(OneHostFilter):
    def narrow(self, people):
        return people.filter(pk__in={row["author"] for row in hosts.repeated_hosts()})


UserAdmin.list_filter.append(AuthorOfOneHostFilter)


class ThingAdmin(ReasonedActionsMixin, ReasonedEditsMixin, admin.ModelAdmin):
    """Found, edited, hidden and restored here; made on the site only."""

    list_filter = [HiddenFilter, "created_at"]
    state = ["created_at", "hidden_at", "hidden_reason"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False  # the act "Delete…" asks for a reason and goes through the service


@admin.register(Collection)
class CollectionAdmin(ThingAdmin):
    list_display = ["name", "author", "created_at", "last_added_at", "follower_count", "hidden_at"]
    list_select_related = ["author"]
    search_fields = ["name", "description", "author__username"]
    ordering = ["-created_at", "-id"]
    sortable_by = ["created_at", "last_added_at", "follower_count"]
    # An author for life: the feed that a collection is in is named after them.
    readonly_fields = ["author", *ThingAdmin.state, "last_added_at", "follower_count"]
    fields = ["name", "description", *readonly_fields]
    reasoned_actions = acts(Collection, describe_collections)

    def save_model(self, request, obj, form, change):
        services.update_collection(collection=obj, name=obj.name, description=obj.description)


@admin.register(Content)
class ContentAdmin(ThingAdmin):
    list_display = ["title", "links_to", "collection", "author", "created_at", "hidden_at"]
    list_filter = [OneHostFilter, HostFilter, AuthorFilter, *ThingAdmin.list_filter]
    list_select_related = ["collection__author"]
    search_fields = ["title", "url", "host__exact", "collection__author__username"]
    ordering = ["-created_at", "-id"]
    sortable_by = ["created_at"]
    readonly_fields = ["collection", "author", "picture", *ThingAdmin.state]
    fields = ["url", "title", "description", *readonly_fields]
    reasoned_actions = acts(Content, describe_links)

    def save_model(self, request, obj, form, change):
        texts = {"url": obj.url, "title": obj.title, "description": obj.description}
        services.update_link(link=obj, **texts)

    @admin.display(description=gettext_lazy("author"))
    def author(self, link):
        return link.author

    @admin.display(description=gettext_lazy("host"), empty_value="–")
    def links_to(self, link):
        if not link.host:
            return None
        return format_html('<a href="?{}">{}</a>', urlencode({"host": link.host}), link.host)


class PictureOfLinksAdmin(ReasonedActionsMixin, PictureAdmin):
    """What must not be shown is deleted here, and with it goes its address."""

    reasoned_actions = [
        ReasonedAction(
            name="delete",
            label=gettext_lazy("Delete…"),
            permission="collections_app.moderate_content",
            perform=each(services.delete_picture, "picture"),
            describe=describe_pictures,
        )
    ]


admin.site.unregister(Picture)
admin.site.register(Picture, PictureOfLinksAdmin)

"""Atom feeds (RFC 4287) of the public links of a collection and of a person."""

import re

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.syndication.views import Feed
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from collections_app.links import ascii_url
from collections_app.models import Collection, Content

MAX_ENTRIES = 50
# Characters that XML 1.0 does not allow (section 2.2).
INVALID_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text):
    return INVALID_XML.sub("", text)


class LinksAtom(Atom1Feed):
    """Atom whose time is that of its newest entry, or of its target if it has none."""

    def latest_post_date(self):
        return super().latest_post_date() if self.items else self.feed["start_date"]


class LinksFeed(Feed):
    """The newest links of a target; a conditional request is answered 304 if nothing changed."""

    feed_type = LinksAtom

    def __call__(self, request, *args, **kwargs):
        return require_safe(conditional_page(self.respond))(request, *args, **kwargs)

    def respond(self, request, *args, **kwargs):
        response = super().__call__(request, *args, **kwargs)
        # Editing or deleting a link changes the entity tag, but not this date.
        del response.headers["Last-Modified"]
        return response

    def link(self, target):
        return target.get_absolute_url()

    def feed_extra_kwargs(self, target):
        return {"start_date": self.start_date(target)}

    def feed_guid(self, target):
        return get_tag_uri(self.absolute_url(target), self.start_date(target))

    def items(self, target):
        links = Content.objects.visible().filter(self.link_filter(target)).newest_first()
        return links.select_related("collection__author")[:MAX_ENTRIES]

    def item_title(self, link):
        return xml_text(link.title)

    def item_description(self, link):
        return escape(xml_text(link.description))

    def item_link(self, link):
        # Django takes a scheme in capitals for a path, and encodes hosts as if they were paths.
        return ascii_url(link.url)

    def item_guid(self, link):
        return get_tag_uri(self.absolute_url(link), link.created_at)

    def item_author_name(self, link):
        return xml_text(link.author.display_name)

    def item_author_link(self, link):
        return self.absolute_url(link.author)

    def item_pubdate(self, link):
        return link.created_at

    item_updateddate = item_pubdate

    def item_categories(self, link):
        return [xml_text(link.collection.name)]

    @staticmethod
    def absolute_url(target):
        return f"{settings.SITE_URL}{target.get_absolute_url()}"


class CollectionFeed(LinksFeed):
    def get_object(self, request, pk):
        return get_object_or_404(Collection.objects.visible().select_related("author"), pk=pk)

    def title(self, collection):
        return xml_text(collection.name)

    def subtitle(self, collection):
        return xml_text(collection.description)

    def link_filter(self, collection):
        return Q(collection=collection)

    def start_date(self, collection):
        return collection.created_at


class PersonFeed(LinksFeed):
    def get_object(self, request, username):
        return get_object_or_404(get_user_model().objects.visible().named(username))

    def title(self, person):
        return _("Links of %(name)s") % {"name": xml_text(person.display_name)}

    def subtitle(self, person):
        return xml_text(person.about)

    def link_filter(self, person):
        return Q(collection__author=person)

    def start_date(self, person):
        return person.date_joined

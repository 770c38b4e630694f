"""Atom feeds (RFC 4287) of what everyone may see: a collection's links, and a person's."""

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

from collections_app.models import Collection, Content

NEWEST = 50
# What XML 1.0 cannot hold (section 2.2).
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_xml(text):
    return NO_XML.sub("", text)


class LinksFeed(Feed):
    """The newest links of something; whoever has them already is answered 304."""

    feed_type = Atom1Feed

    def __call__(self, request, *args, **kwargs):
        return require_safe(conditional_page(self.answer))(request, *args, **kwargs)

    def answer(self, request, *args, **kwargs):
        answer = super().__call__(request, *args, **kwargs)
        # It does not move when a link is edited or deleted; the entity tag does.
        del answer.headers["Last-Modified"]
        return answer

    def link(self, target):
        return target.get_absolute_url()

    def feed_guid(self, target):
        return get_tag_uri(self.address_of(target), self.began(target))

    def items(self, target):
        links = Content.objects.visible().filter(self.links_of(target)).newest_first()
        return links.select_related("collection__author")[:NEWEST]

    def item_title(self, link):
        return as_xml(link.title)

    def item_description(self, link):
        return escape(as_xml(link.description))

    def item_link(self, link):
        return link.url

    def item_guid(self, link):
        return get_tag_uri(self.address_of(link), link.created_at)

    def item_author_name(self, link):
        return as_xml(link.author.display_name)

    def item_author_link(self, link):
        return self.address_of(link.author)

    def item_pubdate(self, link):
        return link.created_at

    item_updateddate = item_pubdate

    def item_categories(self, link):
        return [as_xml(link.collection.name)]

    @staticmethod
    def address_of(target):
        return f"{settings.SITE_URL}{target.get_absolute_url()}"


class CollectionFeed(LinksFeed):
    def get_object(self, request, pk):
        return get_object_or_404(Collection.objects.visible().select_related("author"), pk=pk)

    def title(self, collection):
        return as_xml(collection.name)

    def subtitle(self, collection):
        return as_xml(collection.description)

    def links_of(self, collection):
        return Q(collection=collection)

    def began(self, collection):
        return collection.created_at


class PersonFeed(LinksFeed):
    def get_object(self, request, username):
        return get_object_or_404(get_user_model().objects.visible().named(username))

    def title(self, person):
        return _("Links of %(name)s") % {"name": as_xml(person.display_name)}

    def subtitle(self, person):
        return as_xml(person.about)

    def links_of(self, person):
        return Q(collection__author=person)

    def began(self, person):
        return person.date_joined

"""Links to collections and links in activities: with data, or slots for `activity.js` to fill."""

from functools import cache

from django import template
from django.utils.html import format_html

from collections_app.models import Collection
from feeds.timeline.slots import GAP, row_link

register = template.Library()


@register.simple_tag
def collection_link(collection, path, css_class="fw-semibold"):
    """Return the link to the collection that is an activity's object, found at `path`."""
    collection = collection or {}
    return row_link(
        _collection_address(),
        collection.get("id"),
        collection.get("data", {}).get("name", ""),
        key_path=f"{path}.id",
        text_path=f"{path}.data.name",
        css_class=css_class,
    )


@cache
def _collection_address():
    return Collection(pk=GAP).get_absolute_url()


@register.simple_tag
def posted_link(activity):
    """Return the link that an activity says was added."""
    activity = activity or {}
    return format_html(
        '<a class="fw-semibold" rel="ugc nofollow noopener" href="{}"'
        ' data-fill-address="url" data-fill-text="title">{}</a>',
        activity.get("url", ""),
        activity.get("title", ""),
    )


@register.simple_tag
def saved_link(link, path):
    """Return the link to the saved link that is an activity's object, found at `path`."""
    data = link.get("data", {}) if link else {}
    return format_html(
        '<a class="fw-semibold" href="{}" data-fill-address="{}" data-fill-text="{}">{}</a>',
        data.get("address", ""),
        f"{path}.data.address",
        f"{path}.data.title",
        data.get("title", ""),
    )

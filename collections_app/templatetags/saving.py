"""The link that saves a link to one of the user's collections."""

import functools

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from feeds.timeline.slots import GAP

register = template.Library()


@register.simple_tag
def save_link(pk, title):
    """Return the link that saves the link `pk`, or a slot that `activity.js` fills.

    Home shows it fifty times; rendering it as a template took three times as long.
    """
    return format_html(
        '<a href="{}?from={}" data-sheet="{}" data-fill-gap="foreign_id">{}'
        '<span class="visually-hidden"> <span data-fill-text="title">{}</span></span></a>',
        _form(),
        pk or GAP,
        _script(),
        gettext("Save to…"),
        title or "",
    )


@functools.cache
def _form():
    return reverse("collections:add_link")


@functools.cache
def _script():
    return static("js/sheet.js")

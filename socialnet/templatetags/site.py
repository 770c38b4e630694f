"""Tags that pages of every app use."""

from zlib import crc32

from django import template

register = template.Library()

TINTS = 6


@register.simple_tag
def page_numbers(page_obj):
    """Return the page numbers to offer: first, last, current ± 2, and "…" for each gap."""
    return page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=2, on_ends=1)


@register.simple_tag
def gap(page_obj):
    return page_obj.paginator.ELLIPSIS


@register.filter
def tint(target):
    """Return the class of the tint of `target`: a key, as `activity.js` does, or a text."""
    key = str(target)
    return f"tint-{(int(key) if key.isdecimal() else crc32(key.encode())) % TINTS}"

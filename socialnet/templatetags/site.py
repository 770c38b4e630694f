"""Template tags for pages of every app."""

from zlib import crc32

from django import template

register = template.Library()

TINT_COUNT = 6


@register.simple_tag
def page_numbers(page_obj):
    """Return the page numbers to link to: first, last, current ± 2, and "…" for each gap."""
    return page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=2, on_ends=1)


@register.simple_tag
def gap(page_obj):
    return page_obj.paginator.ELLIPSIS


@register.filter
def tint(target):
    """Return the CSS class for a key or a text. `slots.js` computes the same for keys."""
    key = str(target)
    return f"tint-{(int(key) if key.isdecimal() else crc32(key.encode())) % TINT_COUNT}"

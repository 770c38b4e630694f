"""Tags that pages of every app use."""

from django import template

register = template.Library()


@register.simple_tag
def page_numbers(page_obj):
    """Return the page numbers to offer: first, last, current ± 2, and "…" for each gap."""
    return page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=2, on_ends=1)


@register.simple_tag
def gap(page_obj):
    return page_obj.paginator.ELLIPSIS

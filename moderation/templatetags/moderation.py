"""Tags for the navigation of staff."""

from django import template

from moderation.services import count_open

register = template.Library()


@register.simple_tag(takes_context=True)
def open_case_count(context):
    """Return the number of open cases that the reader may decide, in one query."""
    return count_open(context["request"].user)

"""What the navigation shows to staff."""

from django import template

from moderation.services import count_open

register = template.Library()


@register.simple_tag(takes_context=True)
def open_case_count(context):
    """Return how many reports and appeals wait for whoever looks: one query."""
    return count_open(context["request"].user)

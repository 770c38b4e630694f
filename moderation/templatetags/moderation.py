"""What the navigation shows to staff."""

from django import template

from moderation.services import count_open

register = template.Library()


@register.simple_tag
def open_case_count():
    """Return how many reports and appeals wait for a decision: one query."""
    return count_open()

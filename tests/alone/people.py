"""What the templates of this project's apps load as `people`: a bare project blocks nobody."""

from django import template

register = template.Library()


@register.simple_tag
def block_button(person, back=""):
    """Offer nothing."""
    return ""

"""Filters of activities on pages; `activity.js` does the same in the browser."""

from urllib.parse import urlsplit

from django import template

register = template.Library()


@register.filter
def host(url):
    """Return the host of `url` as people say it, without www; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except (TypeError, ValueError, AttributeError):
        return ""


@register.filter
def initials(name):
    """Return the first letters of the first two words of `name`, upper-cased."""
    return "".join(word[0] for word in str(name or "").split()[:2]).upper()

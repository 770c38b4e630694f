"""Filters of activities on pages; `activity.js` does the same in the browser."""

from functools import cache
from urllib.parse import urlsplit

from django import template
from django.contrib.auth import get_user_model
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.template.loader import TemplateDoesNotExist, get_template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import pgettext

from feeds.timeline.readers import ActivityGroup
from feeds.timeline.slots import GAP, row_link

register = template.Library()


@register.filter
def host(url):
    """Return the host of `url` without www; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except (TypeError, ValueError, AttributeError):
        return ""


@register.filter
def key(foreign_id):
    """Return the key of the row that an activity is about, "" where there is no activity."""
    return str(foreign_id or "").rpartition(":")[2]


@register.filter
def initials(name):
    """Return the first letters of the first two words of `name`, upper-cased."""
    return "".join(word[0] for word in str(name or "").split()[:2]).upper()


@register.simple_tag
def verb_template(verb, part):
    """Return the template of a part of a verb's activities, or None if it has none.

    The parts: `activity` (on a flat feed), `headline` (of a group) and below that, where a
    headline does not say it all, `rows` and `more`.
    """
    try:
        return get_template(f"activities/{verb}/{part}.html")
    except TemplateDoesNotExist:
        return None


@register.simple_tag
def item_template(item):
    """Return the template of an activity or a group; None if nothing is shown of its verb."""
    if isinstance(item, ActivityGroup):
        return verb_template(item.verb, "headline") and "feeds/_group.html"
    return verb_template(item["verb"], "activity") and "feeds/_activity.html"


@register.filter
def is_older_than(item, since):
    """Return whether an activity or a group is from before the time `since`, if that is given."""
    time = item.time if isinstance(item, ActivityGroup) else item["time"]
    return bool(since) and time <= since


@register.filter
def moment(time):
    """Return "Tuesday, 4 March 2025, 14:05"; `feed.js` repeats it in the reader's time zone."""
    return date_format(localtime(time), pgettext("format of a date", "l, j F Y, H:i"))


# `activity.js` fills the slots of the following, which name where it finds the same in an item.

TIME_CLASSES = "small text-body-secondary"


@register.simple_tag
def time_ago(time, path):
    """Return how long ago `time`, found at `path`, is; or its empty slot."""
    if not time:
        return format_html('<time class="{}" data-fill-time="{}"></time>', TIME_CLASSES, path)
    return format_html(
        '<time class="{}" data-fill-time="{}" datetime="{}" title="{}">{}</time>',
        TIME_CLASSES,
        path,
        time.isoformat(),
        date_format(localtime(time), "DATETIME_FORMAT"),
        naturaltime(time),
    )


@register.simple_tag
def actor_link(actor, path, css_class="fw-semibold"):
    """Return the link to the person `actor`, found at `path`; or its empty slots."""
    data, username = actor["data"] if actor else {}, get_user_model().USERNAME_FIELD
    return row_link(
        _profile_address(),
        data.get(username),
        data.get("name", ""),
        key_path=f"{path}.data.{username}",
        text_path=f"{path}.data.name",
        css_class=css_class,
    )


@cache
def _profile_address():
    person = get_user_model()
    return person(**{person.USERNAME_FIELD: GAP}).get_absolute_url()


@register.simple_tag
def number(group, field, form="many"):
    """Return a number of `group`: its value, which decides the plural, and the slot to show it."""
    value = getattr(group, field) if group else {"3": 1}.get(form, 2)
    slot = format_html('<span data-fill-text="{}">{}</span>', field, value)
    return {"value": value, "slot": slot}

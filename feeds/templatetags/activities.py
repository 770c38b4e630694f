"""Filters of activities on pages; `activity.js` does the same in the browser."""

from urllib.parse import urlsplit

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import pgettext

from feeds.readers import ActivityGroup

register = template.Library()


@register.filter
def host(url):
    """Return the host of `url` as people say it, without www; "" where there is none."""
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


ROWS = {
    "post": "feeds/_rows_post.html",
    "create": "feeds/_rows_create.html",
    # Their headlines say it all.
    "follow": "",
    "follow_collection": "",
    "save": "",
}


@register.filter
def item_template(item):
    """Return the template of an activity or a group; one that shows nothing for unknown verbs."""
    verb = item.verb if isinstance(item, ActivityGroup) else item["verb"]
    if verb not in ROWS:
        return "feeds/_nothing.html"
    if isinstance(item, ActivityGroup):
        return "feeds/_group.html"
    return f"feeds/_activity_{verb}.html" if verb in ("post", "create") else "feeds/_nothing.html"


@register.simple_tag
def headline_template(verb):
    return f"feeds/_headline_{verb}.html"


@register.simple_tag
def rows_template(verb):
    return ROWS[verb]


@register.filter
def is_older_than(item, since):
    """Return whether an activity or a group was there at the time `since`, if that is given."""
    time = item.time if isinstance(item, ActivityGroup) else item["time"]
    return bool(since) and time <= since


@register.filter
def moment(time):
    """Return "Tuesday, 4 March 2025, 14:05"; `feed.js` says it again in the reader's time zone."""
    return date_format(localtime(time), pgettext("format of a date", "l, j F Y, H:i"))


# Each of the following is filled again by `activity.js`, which finds the same at the same paths.


TIME_CLASSES = "small text-body-secondary"


@register.simple_tag
def time_ago(time, path):
    """Return how long ago `time` is, with the time itself; or the slot for the time at `path`."""
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
def actor_link(group, position):
    """Return the link to one who did what `group` tells, or its empty slots."""
    actor = group.actors[position]["data"] if group else {}
    return format_html(
        '<a class="fw-semibold" href="/users/{username}/"'
        ' data-fill-gap="actors.{position}.data.username"'
        ' data-fill-text="actors.{position}.data.name">{name}</a>',
        username=actor.get("username", ""),
        name=actor.get("name", ""),
        position=position,
    )


@register.simple_tag
def collection_link(group):
    """Return the link to the collection that `group` is about, or its empty slots."""
    collection = group.activities[0]["object"] if group else {}
    return format_html(
        '<a class="fw-semibold" href="/collections/{pk}/"'
        ' data-fill-gap="activities.0.object.id"'
        ' data-fill-text="activities.0.object.data.name">{name}</a>',
        pk=collection.get("id", ""),
        name=collection.get("data", {}).get("name", ""),
    )


@register.simple_tag
def saved_link(group):
    """Return the link to the link that `group` says was saved, or its empty slots."""
    data = group.activities[0]["object"].get("data", {}) if group else {}
    return format_html(
        '<a class="fw-semibold" href="{address}"'
        ' data-fill-address="activities.0.object.data.address"'
        ' data-fill-text="activities.0.object.data.title">{title}</a>',
        address=data.get("address", ""),
        title=data.get("title", ""),
    )


@register.simple_tag
def number(group, field, form="many"):
    """Return a number of `group`: its value, which decides the plural, and the slot to show it."""
    value = getattr(group, field) if group else {"3": 1}.get(form, 2)
    slot = format_html('<span data-fill-text="{}">{}</span>', field, value)
    return {"value": value, "slot": slot}

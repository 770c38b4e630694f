"""Badges and the poller: what a page knows when it is made, and how it learns what comes next."""

from django import template

from notifications import conf
from notifications.models import Notification

register = template.Library()


@register.simple_tag(takes_context=True)
def notification_value(context, name):
    """Return the latest value of the notification `name`, 0 where there is none yet."""
    return next((item["data"] for item in _latest(context) if item["name"] == name), 0)


@register.inclusion_tag("notifications/_badge.html", takes_context=True)
def notification_badge(context, name, value, label):
    """Show a number that follows the notification `name`; None is one that is not known yet.

    `label` says in words what is counted ("unread messages").
    """
    known = _latest(context)
    if value is not None and all(item["name"] != name for item in known):
        known.append({"name": name, "data": value})
    return {"name": name, "value": value, "label": label}


@register.inclusion_tag("notifications/_scripts.html", takes_context=True)
def notification_scripts(context):
    """Load the script of the badges, and the poller, which goes on from what this page shows."""
    return {
        "items": _latest(context),
        "person": context["request"].user.pk,
        "seconds": conf.get("NOTIFICATIONS_POLL_SECONDS"),
    }


def _latest(context):
    """Return what a poll would answer as the page is made, read once, in one query.

    Badges add what they show and no poll knows of.
    """
    request = context["request"]
    if not hasattr(request, "latest_notifications"):
        rows = Notification.objects.of(request.user).since(0)
        request.latest_notifications = [row.as_item() for row in rows]
    return request.latest_notifications

"""Badges and the poller, which start from the values that the page was rendered with."""

from django import template

from notifications import conf
from notifications.models import Notification

register = template.Library()


@register.simple_tag(takes_context=True)
def notification_value(context, name):
    """Return the latest value of the notification `name`, 0 if there is none."""
    return next((item["data"] for item in _latest(context) if item["name"] == name), 0)


@register.inclusion_tag("notifications/_badge.html", takes_context=True)
def notification_badge(context, name, value, label):
    """Show a number that the notification `name` updates; `value` is None if it is unknown.

    `label` names what is counted ("unread messages").
    """
    items = _latest(context)
    if value is not None and all(item["name"] != name for item in items):
        items.append({"name": name, "data": value})
    return {"name": name, "value": value, "label": label}


@register.inclusion_tag("notifications/_scripts.html", takes_context=True)
def notification_scripts(context):
    """Load the scripts of the badges and the poller, with the values that the page shows."""
    return {
        "items": _latest(context),
        "person": context["request"].user.pk,
        "seconds": conf.get("NOTIFICATIONS_POLL_SECONDS"),
    }


def _latest(context):
    """Return the items of a poll, read once per request, in one query.

    Badges add values that no notification has yet.
    """
    request = context["request"]
    if not hasattr(request, "latest_notifications"):
        rows = Notification.objects.of(request.user).since(0)
        request.latest_notifications = [row.as_item() for row in rows]
    return request.latest_notifications

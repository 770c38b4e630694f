"""The number of unseen notifications: at page load where feeds are embedded, then by script."""

from django import template
from django.urls import reverse
from stream_django.client import stream_client

from feeds import conf
from feeds.stream import groups
from feeds.timeline.readers import count_unseen

register = template.Library()


@register.simple_tag(takes_context=True)
def unseen_count(context):
    """Return the number of unseen groups of the reader's notification feed.

    None where feeds are hosted, as no page waits for Stream, and where they cannot be read.
    """
    return count_unseen(str(context["user"].pk)) if conf.is_embedded() else None


@register.inclusion_tag("feeds/_unseen_scripts.html", takes_context=True)
def unseen_scripts(context, unseen):
    """Load the script that keeps the number `unseen` current; it fetches a token if need be."""
    group, feed_id = groups.notification(), str(context["user"].pk)
    return {
        "unseen": unseen,
        "url": f"{conf.get('FEEDS_API_URL')}feed/{group}/{feed_id}/",
        "token_url": reverse("feeds:token", args=[group, feed_id]),
        "api_key": stream_client.api_key,
        "seconds": conf.get("FEED_POLL_SECONDS"),
    }

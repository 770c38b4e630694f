"""The number of unseen notifications: at page load where that waits for nobody, then by script."""

from django import template
from django.urls import reverse
from stream_django.client import stream_client

from feeds import conf
from feeds.readers import count_unseen

register = template.Library()


@register.simple_tag(takes_context=True)
def unseen_count(context):
    """Return how many groups of the reader's notification feed are unseen.

    None where feeds are hosted, for no page waits for Stream, and where they cannot be read.
    """
    return count_unseen(str(context["user"].pk)) if conf.is_embedded() else None


@register.inclusion_tag("feeds/_unseen_scripts.html", takes_context=True)
def unseen_scripts(context, unseen):
    """Load what keeps the number `unseen` current; it asks for a token when it needs one."""
    feed_id = str(context["user"].pk)
    return {
        "unseen": unseen,
        "url": f"{conf.get('FEEDS_API_URL')}feed/notification/{feed_id}/",
        "token_url": reverse("feeds:token", args=["notification", feed_id]),
        "api_key": stream_client.api_key,
        "seconds": conf.get("FEED_POLL_SECONDS"),
    }

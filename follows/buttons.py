"""What a follow button does and says; the same for a page and for a script that changes it."""

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def target(thing):
    """Return the name by which a page knows `thing`: "person-7", "collection-12"."""
    return f"{'person' if isinstance(thing, get_user_model()) else 'collection'}-{thing.pk}"


def button(thing, *, is_following):
    """Return what the button of `thing` does and says, and how it looks."""
    if isinstance(thing, get_user_model()):
        name, args = thing.display_name, [thing.username]
        route = "follows:unfollow" if is_following else "follows:follow"
    else:
        name, args = thing.name, [thing.pk]
        route = "follows:unfollow_collection" if is_following else "follows:follow_collection"
    label = _("Unfollow") if is_following else _("Follow")
    style = "btn-outline-primary" if is_following else "btn-primary"
    return {"action": reverse(route, args=args), "label": label, "style": style, "name": name}


def follower_count(thing):
    """Return "3 followers" of a person or a collection."""
    number = thing.follower_count
    text = ngettext("%(number)d follower", "%(number)d followers", number)
    return text % {"number": number}

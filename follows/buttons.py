"""Follow buttons and counts, for pages and for the JSON that updates them."""

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def target_name(target):
    """Return the name of `target` in a page: "person-7", "collection-12"."""
    return f"{'person' if isinstance(target, get_user_model()) else 'collection'}-{target.pk}"


def button(target, *, is_following):
    """Return the action, texts and style of the button of `target`."""
    if isinstance(target, get_user_model()):
        name, args = target.display_name, [target.username]
        route = "follows:unfollow" if is_following else "follows:follow"
    else:
        name, args = target.name, [target.pk]
        route = "follows:unfollow_collection" if is_following else "follows:follow_collection"
    label = _("Unfollow") if is_following else _("Follow")
    style = "btn-outline-primary" if is_following else "btn-primary"
    return {"action": reverse(route, args=args), "label": label, "style": style, "name": name}


def follower_count(target):
    """Return "3 followers" of a person or a collection."""
    number = target.follower_count
    text = ngettext("%(number)d follower", "%(number)d followers", number)
    return text % {"number": number}

"""Follow buttons and counts: `{% follow_states people as states %}` once, then a button a row."""

from django import template
from django.contrib.auth import get_user_model

from accounts.counters import count_subquery
from follows import states
from follows.buttons import button, follower_count, target_name
from follows.models import CollectionFollow, Follow

register = template.Library()
register.filter("follow_target", target_name)
register.filter(follower_count)


@register.simple_tag(takes_context=True)
def follow_states(context, people):
    """Return the FollowStates of the people in a list for the page's reader."""
    return states.of_people(context["user"], list(people))


@register.simple_tag(takes_context=True)
def collection_follow_states(context, collections):
    return states.of_collections(context["user"], list(collections))


@register.simple_tag(takes_context=True)
def follow_state(context, person):
    return states.of_people(context["user"], [person])


@register.simple_tag(takes_context=True)
def collection_follow_state(context, collection):
    return states.of_collections(context["user"], [collection])


@register.inclusion_tag("follows/_button.html", takes_context=True)
def follow_button(context, target, states, place=""):
    """Show the button that follows or unfollows `target`, if the reader may.

    `place` makes the ids of two buttons for the same target on one page differ.
    """
    if not states or not states.shows_button(getattr(target, "author", target)):
        return {"offered": False}
    return {
        "offered": True,
        "following": target.pk in states.following,
        "target": target_name(target),
        "anchor": f"follow-{target_name(target)}{place}",
        "csrf_token": context.get("csrf_token"),
        "request": context["request"],
        **button(target, is_following=target.pk in states.following),
    }


@register.simple_tag
def following_counts(person):
    """Return the numbers of people and collections that `person` follows, in one query."""
    counts = {
        "followed_people": count_subquery(Follow.objects.of_visible_people(), "follower"),
        "followed_collections": count_subquery(
            CollectionFollow.objects.of_visible_collections(), "follower"
        ),
    }
    return get_user_model().objects.values(**counts).get(pk=person.pk)

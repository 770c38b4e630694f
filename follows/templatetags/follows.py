"""Follow buttons and counts: `{% follow_states people as states %}` once, then a button a row."""

from django import template
from django.contrib.auth import get_user_model

from accounts.counters import number_of
from follows import states
from follows.buttons import button, follower_count, target
from follows.models import CollectionFollow, Follow

register = template.Library()
register.filter("follow_target", target)
register.filter(follower_count)


@register.simple_tag(takes_context=True)
def follow_states(context, people):
    """Return the States of the people in a list for whoever reads it."""
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
def follow_button(context, thing, states, place=""):
    """Show the button that follows or unfollows `thing`, where its reader may.

    `place` tells two buttons for the same thing on one page apart.
    """
    if not states or not states.offers(getattr(thing, "author", thing)):
        return {"offered": False}
    return {
        "offered": True,
        "following": thing.pk in states.following,
        "target": target(thing),
        "anchor": f"follow-{target(thing)}{place}",
        "csrf_token": context.get("csrf_token"),
        "request": context["request"],
        **button(thing, is_following=thing.pk in states.following),
    }


@register.simple_tag
def following_counts(person):
    """Return how many people and collections `person` follows, self-follows apart: one query."""
    counts = {
        "followed_people": number_of(Follow.objects.of_visible_people(), "follower"),
        "followed_collections": number_of(
            CollectionFollow.objects.of_visible_collections(), "follower"
        ),
    }
    return get_user_model().objects.values(**counts).get(pk=person.pk)

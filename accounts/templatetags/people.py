"""Filters and tags that show people in templates."""

from django import template
from django.conf import settings

from accounts import access, avatars

register = template.Library()


@register.filter
def avatar_url(person, size):
    """Return the address of a person's picture, sharp on screens of twice the density."""
    return avatars.avatar_url(person.email, int(size) * 2)


@register.filter
def initials(person):
    return avatars.initials(person.display_name)


@register.filter
def without_placeholders(form):
    """Remove allauth's placeholders from a form: every field of this site has a label instead."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
    return form


@register.simple_tag
def mail_is_printed():
    """Return whether mail is printed in the terminal that runs the site, the default."""
    return settings.MAIL_DELIVERY_BACKEND.endswith("console.EmailBackend")


@register.inclusion_tag("accounts/_block_button.html", takes_context=True)
def block_button(context, person, back=""):
    """Show the link that blocks `person`, or the button that unblocks them.

    `back` is the address to return to, by default their profile.
    """
    user = context["user"]
    if not user.is_authenticated or not access.may_block(user, person):
        return {"offered": False}
    return {
        "offered": True,
        "is_blocked": access.has_blocked(user, person),
        "person": person,
        "back": back,
        "csrf_token": context.get("csrf_token"),
    }

"""How people look in templates."""

from django import template
from django.conf import settings

from accounts import avatars

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
    """Take allauth's placeholders off a form: every field of this site has a label instead."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
    return form


@register.simple_tag
def mail_is_printed():
    """Return whether mail goes to the terminal that runs the site, as it does at first."""
    return settings.MAIL_DELIVERY_BACKEND.endswith("console.EmailBackend")

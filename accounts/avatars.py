"""Avatars: initials, and a Gravatar shown over them if there is one."""

import hashlib

from django.conf import settings


def avatar_url(email, size=80):
    """Return the address of the Gravatar of `email` in `size` pixels, or "" if switched off.

    Gravatar names pictures by the SHA-256 of the trimmed, lower-cased address
    (Gravatar's documentation, "Creating the hash").
    """
    template = settings.AVATAR_URL_TEMPLATE
    if not template or not email:
        return ""
    digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
    return template.format(hash=digest, size=size)


def initials(name):
    """Return the first letters of the first two words of `name`, upper-cased."""
    return "".join(word[0] for word in name.split()[:2]).upper()

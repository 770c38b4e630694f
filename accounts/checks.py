"""System checks on the settings that accounts reads."""

import re

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email


@register(Tags.security)
def check_signup(app_configs, **kwargs):
    if settings.SIGNUP in {"open", "closed"}:
        return []
    return [
        Error(
            f"SIGNUP is {settings.SIGNUP!r}.",
            hint='Set SIGNUP to "open" or "closed".',
            id="accounts.E001",
        )
    ]


@register(Tags.security)
def check_admin_emails(app_configs, **kwargs):
    return [
        Error(
            f"ADMIN_EMAILS names {address!r}, which is no e-mail address.",
            hint="Separate addresses by commas, without names: ana@example.org,ben@example.org",
            id="accounts.E002",
        )
        for address in settings.ADMIN_EMAILS
        if not _is_email(address)
    ]


@register(Tags.security)
def check_avatars(app_configs, **kwargs):
    template = settings.AVATAR_URL_TEMPLATE
    try:
        usable = not template or ("{hash}" in template and template.format(hash="0", size=80))
    except (KeyError, IndexError, ValueError):
        usable = False
    if usable:
        return []
    return [
        Error(
            "AVATAR_URL_TEMPLATE is no address of a picture.",
            hint="Use {hash}, and {size} if wanted, and nothing else in braces; "
            "empty switches pictures off.",
            id="accounts.E003",
        )
    ]


@register(Tags.security)
def check_roles(app_configs, **kwargs):
    return [
        Error(
            f"ROLE_PERMISSIONS gives {role} {permission!r}, which names no permission.",
            hint="Write it as app_label.codename: collections_app.add_collection",
            id="accounts.E004",
        )
        for role, permissions in settings.ROLE_PERMISSIONS.items()
        for permission in permissions
        if not re.fullmatch(r"[a-z_0-9]+\.[a-z_0-9]+", permission)
    ]


def _is_email(address):
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True

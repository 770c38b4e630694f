"""System checks of the feed server's settings."""

import re
from dataclasses import fields

from django.core.checks import Error, Warning, register

from feedserver import conf
from feedserver.aggregation import VARIABLES, find_format_error
from feedserver.groups import FEED_TYPES, FeedGroup

_SLUG = re.compile(r"[\w-]{1,64}")
MIN_SECRET_LENGTH = 32
MAX_ACTIVITIES = 100
MAX_DAYS = 36_500
RULES = {
    "activities": lambda value: type(value) is int and 1 <= value <= MAX_ACTIVITIES,
    "own_seen": lambda value: isinstance(value, bool),
    "owned": lambda value: isinstance(value, bool),
    "returning_seen": lambda value: isinstance(value, bool),
    "format": lambda value: isinstance(value, str),
    "rankings": lambda value: isinstance(value, (list, tuple)) and all(map(_is_text, value)),
}


def _is_text(value):
    return isinstance(value, str)


@register()
def check_open_graph(app_configs, **kwargs):
    try:
        conf.open_graph()
    except ImportError as error:
        hint = "Set FEEDSERVER_OPEN_GRAPH to the dotted path of a function, or to None."
        return [Error(str(error), hint=hint, id="feedserver.E008")]
    return []


@register()
def check_feed_length(app_configs, **kwargs):
    length = conf.feed_length()
    if type(length) is int and length >= 1:
        return []
    hint = "Set FEEDSERVER_FEED_LENGTH to a number, 1 or more."
    return [Error("The length of feeds is no number.", hint=hint, id="feedserver.E010")]


@register()
def check_credentials(app_configs, **kwargs):
    key, secret = conf.api_key(), conf.api_secret()
    if not (key and secret):
        hint = "Set FEEDSERVER_API_KEY and FEEDSERVER_API_SECRET."
        return [Error("The feed server has no key or no secret.", hint=hint, id="feedserver.E001")]
    if len(secret) < MIN_SECRET_LENGTH:
        hint = f"Use at least {MIN_SECRET_LENGTH} characters: it signs tokens by HMAC-SHA256."
        return [Error("The feed server's secret is short.", hint=hint, id="feedserver.E002")]
    if "." in secret:
        hint = "Leave dots out: the JavaScript client takes a secret with one for a token."
        return [Warning("The feed server's secret has a dot.", hint=hint, id="feedserver.W001")]
    return []


@register()
def check_days(app_configs, **kwargs):
    kept = {
        "FEEDSERVER_REMEMBER_DAYS": (conf.remember_days(), "Removed activities", "feedserver.E009"),
        "FEEDSERVER_AUDIT_DAYS": (conf.audit_days(), "Records of the audit log", "feedserver.E010"),
    }
    errors = []
    for name, (days, label, check_id) in kept.items():
        if type(days) is not int or not 1 <= days <= MAX_DAYS:
            hint = f"Set {name} to a number of days from 1 to {MAX_DAYS}."
            errors.append(Error(f"{label} are kept for no time.", hint=hint, id=check_id))
    return errors


@register()
def check_groups(app_configs, **kwargs):
    errors = []
    for slug, options in conf.groups().items():
        if not _SLUG.fullmatch(slug):
            hint = "Use letters, digits, - and _."
            errors.append(Error(f"{slug!r} is no feed group.", hint=hint, id="feedserver.E003"))
        if options.get("type") not in FEED_TYPES:
            hint = f"Choose one of: {', '.join(FEED_TYPES)}."
            message = f"The feed group {slug!r} is of an unknown type."
            errors.append(Error(message, hint=hint, id="feedserver.E004"))
        else:
            errors += _check_options(slug, options)
    return errors


def _check_options(slug, options):
    known = {field.name for field in fields(FeedGroup)} - {"slug"}
    if options.keys() - known:
        hint = f"Known options: {', '.join(sorted(known))}."
        unknown = ", ".join(sorted(options.keys() - known))
        message = f"The feed group {slug!r} has unknown options: {unknown}."
        return [Error(message, hint=hint, id="feedserver.E005")]
    group = FeedGroup(slug, **options)
    invalid = [name for name, is_valid in RULES.items() if not is_valid(getattr(group, name))]
    if invalid:
        hint = (
            f"activities: 1 to {MAX_ACTIVITIES}; own_seen, owned, returning_seen: True or False; "
            "format: text; rankings: names."
        )
        message = f"The feed group {slug!r} has wrong options: {', '.join(invalid)}."
        return [Error(message, hint=hint, id="feedserver.E007")]
    error = find_format_error(group)
    if error:
        hint = f"A format is a Jinja template with the variables {', '.join(sorted(VARIABLES))}."
        message = f"The format of the feed group {slug!r} does not work: {error}."
        return [Error(message, hint=hint, id="feedserver.E006")]
    return []

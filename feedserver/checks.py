"""System checks of the feed server's settings."""

import re
from dataclasses import fields

from django.core.checks import Error, Warning, register

from feedserver import conf
from feedserver.aggregation import VARIABLES, problem_of
from feedserver.groups import TYPES, Group

_SLUG = re.compile(r"[\w-]{1,64}")
SHORTEST_SECRET = 32
MOST_ACTIVITIES = 100
LONGEST_MEMORY = 36_500
RULES = {
    "activities": lambda value: type(value) is int and 1 <= value <= MOST_ACTIVITIES,
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
    if len(secret) < SHORTEST_SECRET:
        hint = f"Use at least {SHORTEST_SECRET} characters: it signs tokens by HMAC-SHA256."
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
    for name, (days, what, code) in kept.items():
        if type(days) is not int or not 1 <= days <= LONGEST_MEMORY:
            hint = f"Set {name} to a number of days from 1 to {LONGEST_MEMORY}."
            errors.append(Error(f"{what} are kept for no time.", hint=hint, id=code))
    return errors


@register()
def check_groups(app_configs, **kwargs):
    errors = []
    for slug, options in conf.groups().items():
        if not _SLUG.fullmatch(slug):
            hint = "Use letters, digits, - and _."
            errors.append(Error(f"{slug!r} is no feed group.", hint=hint, id="feedserver.E003"))
        if options.get("type") not in TYPES:
            hint = f"Choose one of: {', '.join(TYPES)}."
            message = f"The feed group {slug!r} is of an unknown type."
            errors.append(Error(message, hint=hint, id="feedserver.E004"))
        else:
            errors += _check_options(slug, options)
    return errors


def _check_options(slug, options):
    known = {field.name for field in fields(Group)} - {"slug"}
    if options.keys() - known:
        hint = f"Known options: {', '.join(sorted(known))}."
        unknown = ", ".join(sorted(options.keys() - known))
        message = f"The feed group {slug!r} has unknown options: {unknown}."
        return [Error(message, hint=hint, id="feedserver.E005")]
    group = Group(slug, **options)
    wrong = [name for name, is_right in RULES.items() if not is_right(getattr(group, name))]
    if wrong:
        hint = (
            f"activities: 1 to {MOST_ACTIVITIES}; own_seen, owned, returning_seen: True or False; "
            "format: text; rankings: names."
        )
        message = f"The feed group {slug!r} has wrong options: {', '.join(wrong)}."
        return [Error(message, hint=hint, id="feedserver.E007")]
    problem = problem_of(group)
    if problem:
        hint = f"A format is a Jinja template with the variables {', '.join(sorted(VARIABLES))}."
        message = f"The format of the feed group {slug!r} does not work: {problem}."
        return [Error(message, hint=hint, id="feedserver.E006")]
    return []

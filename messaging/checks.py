"""System checks on the settings of messaging."""

from django.core.checks import Error, register
from django.utils.module_loading import import_string

from messaging import conf


@register()
def check_numbers(app_configs, **kwargs):
    hints = {"MESSAGE_MAX_LENGTH": f"Set it to a whole number from 1 to {conf.MAX_BODY_LENGTH}."}
    maximums = {"MESSAGE_MAX_LENGTH": conf.MAX_BODY_LENGTH}
    names = [name for name, default in conf.DEFAULTS.items() if isinstance(default, int)]
    return [
        Error(
            f"{name} is not a number that messages can be held to.",
            hint=hints.get(name, "Set it to a whole number, 1 or more."),
            id="messaging.E001",
        )
        for name in names
        if not _is_between(conf.get(name), 1, maximums.get(name, 10**9))
    ]


def _is_between(value, lowest, highest):
    return type(value) is int and lowest <= value <= highest


@register()
def check_policies(app_configs, **kwargs):
    return [
        Error(
            f"{name} names nothing that can be called.",
            hint=f"Set it to the dotted path of a function, such as {conf.DEFAULTS[name]}.",
            id="messaging.E002",
        )
        for name in ("MESSAGING_MAY_SEND", "MESSAGING_RATES")
        if not _is_function(conf.get(name))
    ]


def _is_function(path):
    try:
        return callable(import_string(path))
    except (ImportError, AttributeError, TypeError):
        return False

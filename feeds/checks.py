"""System checks of the feeds' settings."""

import os

from django.conf import settings
from django.core.checks import Error, Warning, register
from django.utils.module_loading import import_string

from feeds import conf


@register()
def check_credentials(app_configs, **kwargs):
    if getattr(settings, "STREAM_API_KEY", "") and getattr(settings, "STREAM_API_SECRET", ""):
        return []
    return [
        Error(
            "Stream's key or secret is missing.",
            hint="Set STREAM_API_KEY and STREAM_API_SECRET together, or neither.",
            id="feeds.E001",
        )
    ]


@register()
def check_delivery(app_configs, **kwargs):
    if conf.get("FEEDS_DELIVERY") not in {"inline", "worker"}:
        hint = "Set FEEDS_DELIVERY to inline or worker."
        return [Error("FEEDS_DELIVERY has an unknown value.", hint=hint, id="feeds.E002")]
    if conf.delivers_inline() and not conf.is_embedded():
        return [
            Warning(
                "Pages wait for Stream, because feeds are hosted and delivered inline.",
                hint="Set FEEDS_DELIVERY=worker and run `manage.py deliver_feeds` beside the site.",
                id="feeds.W001",
            )
        ]
    return []


@register()
def check_paths(app_configs, **kwargs):
    names = [name for name in ("FEEDS_TRANSPORT", "FEEDS_MAY_READ") if conf.get(name)]
    return [
        Error(
            f"{name} cannot be imported.",
            hint=f"Give the dotted path of something that exists, not {conf.get(name)!r}.",
            id="feeds.E003",
        )
        for name in names
        if not _imports(conf.get(name))
    ]


def _imports(path):
    try:
        return import_string(path)
    except ImportError:
        return None


@register()
def check_local(app_configs, **kwargs):
    if not os.environ.get("LOCAL") or conf.is_embedded():
        return []
    return [
        Warning(
            "The environment variable LOCAL sends everything for Stream to localhost:8000.",
            hint="Unset LOCAL: stream-python reads it.",
            id="feeds.W003",
        )
    ]

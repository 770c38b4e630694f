"""System checks of the feeds' settings."""

import os

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connections
from django.utils.module_loading import import_string

from feeds import conf
from feeds.models import OutboxEntry
from feeds.outbox.entries import for_other_destinations


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
def check_server(app_configs, **kwargs):
    if not conf.get("STREAM_BASE_URL") or conf.server():
        return []
    return [
        Error(
            "STREAM_BASE_URL is not where Stream's clients can find a server.",
            hint="Give scheme and host, as https://api.example.org or http://localhost:8001: "
            'the official Python client calls no host but localhost and those named "api.".',
            id="feeds.E004",
        )
    ]


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


@register(Tags.database)
def check_destinations(app_configs, databases, **kwargs):
    """Warn of entries that no worker with this key delivers, where databases are checked."""
    database = OutboxEntry.objects.db
    if database not in (databases or []):
        return []
    connection = connections[database]
    # Databases are also checked before they are migrated.
    if OutboxEntry._meta.db_table not in connection.introspection.table_names():
        return []
    if not for_other_destinations().exists():
        return []
    return [
        Warning(
            "Entries in the outbox wait for another destination than this site's.",
            hint=(
                "They were written with another STREAM_API_KEY, and are delivered by a "
                "`manage.py deliver_feeds` that has it. If that is over, `manage.py "
                "resync_feeds --drop-elsewhere` publishes everything here and drops them."
            ),
            id="feeds.W002",
        )
    ]

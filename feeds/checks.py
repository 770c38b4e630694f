"""System checks of the feeds' settings."""

import os

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import connections
from django.utils.module_loading import import_string

from feeds import conf
from feeds.models import OutboxEntry


@register()
def check_credentials(app_configs, **kwargs):
    if getattr(settings, "STREAM_API_KEY", "") and getattr(settings, "STREAM_API_SECRET", ""):
        return []
    hint = "Set STREAM_API_KEY and STREAM_API_SECRET together, or neither."
    return [Error("Stream's key or secret is missing.", hint=hint, id="feeds.E001")]


@register()
def check_delivery(app_configs, **kwargs):
    if conf.get("FEEDS_DELIVERY") not in {"inline", "worker"}:
        hint = "Set FEEDS_DELIVERY to inline or worker."
        return [Error("FEEDS_DELIVERY has an unknown value.", hint=hint, id="feeds.E002")]
    if conf.delivers_inline() and not conf.is_embedded():
        text = "Pages wait for Stream, because feeds are hosted and delivered inline."
        hint = "Set FEEDS_DELIVERY=worker and run `manage.py deliver_feeds` beside the site."
        return [Warning(text, hint=hint, id="feeds.W001")]
    return []


@register()
def check_paths(app_configs, **kwargs):
    errors = []
    for name in ("FEEDS_TRANSPORT", "FEEDS_MAY_READ"):
        try:
            if path := conf.get(name):
                import_string(path)
        except ImportError:
            hint = f"Give the dotted path of something that exists, not {path!r}."
            errors.append(Error(f"{name} cannot be imported.", hint=hint, id="feeds.E003"))
    return errors


@register()
def check_server(app_configs, **kwargs):
    if not conf.get("STREAM_BASE_URL") or conf.server():
        return []
    text = "STREAM_BASE_URL is not where Stream's clients can find a server."
    hint = (
        "Give scheme and host, as https://api.example.org or http://localhost:8001: "
        'the official Python client calls no host but localhost and those named "api.".'
    )
    return [Error(text, hint=hint, id="feeds.E004")]


@register()
def check_local(app_configs, **kwargs):
    if not os.environ.get("LOCAL") or conf.is_embedded():
        return []
    text = "The environment variable LOCAL sends everything for Stream to localhost:8000."
    return [Warning(text, hint="Unset LOCAL: stream-python reads it.", id="feeds.W003")]


@register(Tags.database)
def check_destinations(app_configs, databases, **kwargs):
    """Warn of entries that no worker with this key delivers, where databases are checked."""
    database, table = OutboxEntry.objects.db, OutboxEntry._meta.db_table
    if database not in (databases or []):
        return []
    # Databases are also checked before they are migrated.
    if table not in connections[database].introspection.table_names():
        return []
    if not OutboxEntry.objects.elsewhere().pending().exists():
        return []
    text = "Entries in the outbox wait for another destination than this site's."
    hint = (
        "They were written with another STREAM_API_KEY, and are delivered by a "
        "`manage.py deliver_feeds` that has it. If that is over, `manage.py "
        "resync_feeds --drop-elsewhere` publishes everything here and drops them."
    )
    return [Warning(text, hint=hint, id="feeds.W002")]

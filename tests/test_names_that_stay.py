"""Names that databases, operators, clients and scripts hold: none changes without a migration.

`names_that_stay.txt` lists them by section, one a line, or several after the name that they belong
to. A new name need not be added; one that is listed and gone is an error.
"""

import ast
import importlib
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.management import _get_all_permissions
from django.core.management import load_command_class
from django.core.management.base import BaseCommand
from django.db import models
from django.db.models.signals import post_save
from django.urls import URLResolver, get_resolver

from feedserver import urls as feedserver_urls
from notifications.models import Notification

LIST = Path(__file__).with_name("names_that_stay.txt")
# Names of arguments are no part of an address.
ARGUMENT = re.compile(r"<(\w+):\w+>")
THIRD_PARTY_URLS = ("account_", "mfa_", "usersessions_", "admin:")


def read_sections():
    """Return the lines of each section of the list."""
    sections = {}
    for line in LIST.read_text().splitlines():
        if line.startswith("["):
            lines = sections[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            lines.append(line)
    return sections


def split(lines):
    """Return the names of `lines`, of which some hold several: "owner: name name"."""
    names = set()
    for line in lines:
        owner, several, rest = line.partition(": ")
        names.update(f"{owner}: {name}" for name in rest.split() if several)
        names.update([] if several else [line])
    return names


def own_apps():
    return [app for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]


def own_models():
    return [model for app in own_apps() for model in app.get_models()]


def files():
    return {path.name for path in settings.BASE_DIR.iterdir()} | {
        f"{path.parent.name}/{path.name}"
        for path in settings.BASE_DIR.glob("*/signals.py")
        if "post_save" in path.read_text()
    }


def receivers():
    """Yield which app listens to the saves of which model."""
    for model in own_models():
        for receiver in post_save._live_receivers(model)[0]:
            yield f"{receiver.__module__.split('.')[0]} {model._meta.label}"


def functions():
    """Yield the public verbs of follows that exist."""
    for label in ("follows.Follow", "follows.CollectionFollow"):
        for name in ("follow", "unfollow", "is_following", "is_followed_by"):
            if callable(getattr(apps.get_model(label).objects, name, None)):
                yield f"{label}.objects.{name}"


def commands():
    """Yield each command with its options: those that every command has are left out."""
    usual = {
        text
        for action in BaseCommand().create_parser("manage.py", "x")._actions
        for text in action.option_strings
    }
    for app in own_apps():
        for path in sorted(Path(app.path).glob("management/commands/[a-z]*.py")):
            parser = load_command_class(app.name, path.stem).create_parser("manage.py", path.stem)
            options = {text for action in parser._actions for text in action.option_strings}
            arguments = [row.dest for row in parser._actions if not row.option_strings]
            yield path.stem
            yield f"{path.stem}: {' '.join([*arguments, *sorted(options - usual)])}"


def paths():
    """Yield the listed dotted paths that can be imported: of tasks, and of what settings name."""
    for path in read_sections()["paths"]:
        module, _dot, name = path.rpartition(".")
        if hasattr(importlib.import_module(module), name):
            yield path


def migration_imports():
    """Yield what migrations import of this project, and what they name by import."""
    names = {app.name for app in own_apps()}
    for app in own_apps():
        for path in Path(app.path).glob("migrations/0*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in names:
                    yield from (f"{node.module}.{alias.name}" for alias in node.names)
                elif isinstance(node, ast.Attribute) and ast.unparse(node).split(".")[0] in names:
                    yield ast.unparse(node)


def fields():
    for model in own_models():
        names = (field.name for field in model._meta.get_fields() if field.concrete)
        yield f"{model._meta.label} {model._meta.db_table}: {' '.join(names)}"


def choices():
    """Yield the values of each TextChoices of an app: they are stored."""
    names = {app.name for app in own_apps()}
    for kind in models.TextChoices.__subclasses__():
        if (app := kind.__module__.split(".")[0]) in names:
            yield f"{app}: {' '.join(kind.values)}"


def constraints():
    for model in own_models():
        rows = (*model._meta.constraints, *model._meta.indexes)
        yield f"{model._meta.label}: {' '.join(row.name for row in rows)}"


def permissions():
    for model in own_models():
        names = (codename for codename, _name in _get_all_permissions(model._meta))
        yield f"{model._meta.app_label}: {' '.join(names)}"


def roles():
    for name, codenames in settings.ROLE_PERMISSIONS.items():
        yield f"{name}: {' '.join(codenames)}"


def documented_settings():
    lines = (settings.BASE_DIR / ".env.example").read_text().splitlines()
    return (line.split("=")[0] for line in lines if line[:1].isupper())


def cookies():
    return (
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
    )


def activities():
    """Yield verb and foreign id of each model that is published as an activity."""
    for model in own_models():
        if hasattr(model, "activity_verb"):
            row = model(pk=7)
            yield f"{model._meta.label} {row.activity_verb} {row.activity_foreign_id}"


def feed_groups():
    for name, group in settings.FEEDSERVER_GROUPS.items():
        yield " ".join([name, *(f"{key}={value}" for key, value in sorted(group.items()))])


def poll():
    item = Notification(user=get_user_model()(pk=1), name="x", timestamp=0.0).as_item()
    return {*item, "since"}


def notifications():
    """Yield the listed names of notifications that an app still writes."""
    for line in read_sections()["notifications"]:
        app, name = line.split(": ")
        if any(f'"{name}"' in path.read_text() for path in (settings.BASE_DIR / app).glob("*.py")):
            yield line


def walk(patterns, prefix="", space=""):
    for pattern in patterns:
        address = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, address, inner)
        else:
            address = ARGUMENT.sub(r"<\1>", address)
            yield f"{space}{pattern.name or ''} /{address}".strip()


def urls():
    rows = walk(get_resolver().url_patterns)
    return (row for row in rows if not row.startswith((*THIRD_PARTY_URLS, "/")))


def feedserver_addresses():
    return walk(feedserver_urls.urlpatterns)


SECTIONS = {
    "files": files,
    "receivers of post_save": receivers,
    "functions": functions,
    "commands and options": commands,
    "paths": paths,
    "paths that migrations import": migration_imports,
    "models, tables and fields": fields,
    "choices": choices,
    "constraints and indexes": constraints,
    "permissions": permissions,
    "roles": roles,
    "settings": documented_settings,
    "cookies": cookies,
    "verbs and foreign ids": activities,
    "feed groups": feed_groups,
    "poll": poll,
    "notifications": notifications,
    "urls": urls,
    "addresses of the feed server": feedserver_addresses,
}


def test_every_section_is_listed():
    assert list(read_sections()) == list(SECTIONS)
    assert all(read_sections().values())


@pytest.mark.parametrize("section", SECTIONS)
def test_listed_names_exist(section):
    assert split(read_sections()[section]) - split(SECTIONS[section]()) == set()

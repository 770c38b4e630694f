"""Apps that others take alone bring no migration that needs another of ours."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

# App: what its migrations may build on, besides people (AUTH_USER_MODEL).
ALONE = {
    "feeds": set(),
    "feedserver": set(),
    "messaging": {"notifications"},
    "notifications": set(),
}


def ours():
    return {
        app.label for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR
    }


@pytest.mark.parametrize("label", ALONE)
def test_migrations_name_no_app_that_may_be_missing(label):
    migrations = MigrationLoader(None).disk_migrations
    named = {
        dependency[0]
        for (app, _name), migration in migrations.items()
        if app == label
        for dependency in migration.dependencies
        if not hasattr(dependency, "setting")
    }
    assert named & ours() <= ALONE[label] | {label}

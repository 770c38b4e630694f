"""Migrations of apps that can be installed alone depend on no other app of this project."""

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

# App: the apps its migrations may depend on, besides that of AUTH_USER_MODEL.
ALLOWED_DEPENDENCIES = {
    "feeds": set(),
    "feedserver": set(),
    "messaging": {"notifications"},
    "notifications": set(),
}


def project_apps():
    return {
        app.label for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR
    }


@pytest.mark.parametrize("label", ALLOWED_DEPENDENCIES)
def test_migrations_need_no_other_app(label):
    migrations = MigrationLoader(None).disk_migrations
    dependencies = {
        dependency[0]
        for (app, _name), migration in migrations.items()
        if app == label
        for dependency in migration.dependencies
        if not hasattr(dependency, "setting")
    }
    assert dependencies & project_apps() <= ALLOWED_DEPENDENCIES[label] | {label}

"""The test database: on SQLite a copy of a file that was migrated once, elsewhere migrated anew.

Migrated files are kept in `var/`, by a digest of what they are made from. They have the roles that
`manage.py deploy` makes, and so has every test. A file, as the site has: in memory, threads that
share tables would not wait for each other's locks.
"""

import fcntl
import hashlib
import os
import shutil
import time
from functools import cache
from itertools import chain
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

FOLDER = Path(__file__).parent.parent / "var"
MAX_AGE = 24 * 60 * 60
# What tables hold after a migration: no test leaves anything else in them.
KEPT = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


def create():
    """Create the test database; return the function that removes it."""
    if connection.vendor != "sqlite":
        config = setup_databases(verbosity=0, interactive=False)
        create_roles()
        return lambda: teardown_databases(config, verbosity=0)
    path = FOLDER / f"test-{os.getpid()}.sqlite3"
    shutil.copyfile(migrated_file(), path)
    use_file(path)
    return lambda: remove_file(path)


def migrated_file():
    """Return the path of a migrated file; only the first of several processes makes it."""
    path = FOLDER / f"migrated-{digest()}.sqlite3"
    with open(FOLDER / "migrated.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            new = path.with_suffix(".new")
            use_file(new)
            call_command("migrate", verbosity=0, interactive=False)
            create_roles()
            connection.close()
            new.rename(path)
            remove_old_files()
        path.touch()
    return path


def digest():
    """Return a digest of the apps, and of the files that tables and permissions come from."""
    told = hashlib.sha256(repr((settings.INSTALLED_APPS, get_roles())).encode())
    for app in apps.get_app_configs():
        folder = Path(app.path)
        files = chain(*(folder.glob(f"{name}*/**/*.py") for name in ("migrations", "models")))
        for file in sorted({*files, *folder.glob("models.py"), *folder.glob("full_text.py")}):
            told.update(file.read_bytes())
    return told.hexdigest()[:16]


def get_roles():
    return getattr(settings, "ROLE_PERMISSIONS", {})


def create_roles():
    if get_roles():
        from accounts import roles

        roles.sync_roles()


def use_file(path):
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = str(path)


def remove_file(path):
    connection.close()
    for suffix in ("", "-shm", "-wal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def remove_old_files():
    for path in chain(FOLDER.glob("migrated-*"), FOLDER.glob("test-*")):
        if path.stat().st_mtime < time.time() - MAX_AGE:
            path.unlink()


@cache
def get_tables():
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted({*tables} - KEPT)


def empty_tables(case):
    """Delete all rows after a TransactionTestCase.

    Django would also delete every permission and role, and make the permissions again.
    """
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), get_tables()))

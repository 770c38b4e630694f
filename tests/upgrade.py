"""Upgrade a database of an earlier release: `python -m tests.upgrade --release 59697b0`.

That release makes the demo in a checkout of its own, queues an import of bookmarks and leaves
entries in the outbox. This checkout then deploys, imports, delivers and shows every page. On SQLite
and on PostgreSQL.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from benchmarks import runner

RELEASE = "59697b0"
FOLDER = Path(__file__).parent.parent
ENVIRONMENT = {
    "SECRET_KEY": "a key for upgrades only, of more than fifty characters in all",
    "DEMO_PASSWORD": "correct horse battery staple",
    "FEEDS_DELIVERY": "worker",
    "LOG_LEVEL": "ERROR",
    "LINK_PREVIEWS": "False",
}
# Run by the earlier release, in its own words.
LEAVE_WORK = """
from accounts.models import User
from collections_app import imports
from collections_app.services import add_link, create_collection
from feeds.models import OutboxEntry
from follows.models import Follow

first, second = User.objects.visible().order_by("pk")[:2]
data = b'<DL><DT><H3>Imported</H3><DL><DT><A HREF="https://example.org/imported">One</A></DL></DL>'
imports.start(person=first, file_name="bookmarks.html", data=data)
collection = create_collection(author=second, name="Left behind", description="Links.")
add_link(collection=collection, url="https://example.org/left", title="Left behind")
Follow.objects.unfollow(first, second)
Follow.objects.follow(first, second)
assert OutboxEntry.objects.filter(state="pending").count() > 3
"""


@contextmanager
def checkout(release):
    """Yield the folder of a worktree of `release`, removed at the end."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "release"
        git = ["git", "-C", str(FOLDER), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(folder), release], check=True)
        try:
            yield folder
        finally:
            subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def manage(folder, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    environment = {**os.environ, **ENVIRONMENT, "DJANGO_SETTINGS_MODULE": "socialnet.settings"}
    subprocess.run(command, cwd=folder, env=environment, check=True)


def upgrade(release):
    """Upgrade the database of DATABASE_URL, which is empty."""
    with checkout(release) as old:
        manage(old, "deploy", "--verbosity=0")
        manage(old, "seed_demo")
        manage(old, "shell", "-c", LEAVE_WORK)
    manage(FOLDER, "deploy", "--verbosity=0")
    manage(FOLDER, "db_worker", "--batch", "--no-reload", "--no-startup-delay")
    manage(FOLDER, "deliver_feeds", "--once")
    manage(FOLDER, "check_feeds")
    check()


def check():
    os.environ |= ENVIRONMENT | {"DJANGO_SETTINGS_MODULE": "socialnet.test_settings"}
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    from collections_app.models import BookmarkImport, Content
    from feeds.models import OutboxEntry

    setup_test_environment()
    assert not OutboxEntry.objects.exclude(state="delivered").exists()
    assert not BookmarkImport.objects.unfinished().exists()
    assert Content.objects.filter(url="https://example.org/imported").exists()
    check_pages()


def check_pages():
    """Open every page as every role, with rows of the demo and rows made for it."""
    from django.db import transaction
    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from collections_app.models import Collection
    from tests import test_access_matrix as matrix

    with transaction.atomic():
        world = matrix.make_world()
        addresses = [
            reverse(name, args=world["arguments"][arguments])
            for name, (arguments, _get, _post) in matrix.MATRIX.items()
            if name != "account_logout"
        ]
        for model in (User, Collection):
            addresses += [row.get_absolute_url() for row in model.objects.all()]
        for role in matrix.ROLES:
            client = Client()
            matrix.enter(client, world, role)
            for address in [*addresses, *matrix.admin_addresses()]:
                status = client.get(address).status_code
                assert status < 500, f"{address} for {role}: {status}"
        transaction.set_rollback(True)
    print(f"{len(addresses)} pages and the admin's, as {len(matrix.ROLES)} roles")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--release", default=RELEASE, help="a commit or tag")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        upgrade(options.release)
    else:
        runner.run_everywhere("tests.upgrade", [f"--release={options.release}"])


if __name__ == "__main__":
    main()

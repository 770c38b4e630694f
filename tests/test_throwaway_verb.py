"""A new verb needs no change of feeds: the app `tests.throwaway_verb` adds one."""

import subprocess
import sys

import pytest
from django.conf import settings

from tests.test_publishing import environment

COMMANDS = (("test", "tests.throwaway_verb.tests"), ("makemigrations", "--check", "--dry-run"))


@pytest.mark.parametrize("arguments", COMMANDS)
@pytest.mark.slow
def test_app_with_a_verb(arguments, tmp_path):
    command = [sys.executable, "manage.py", *arguments]
    command += ["--settings", "tests.throwaway_verb.settings"]
    database = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    run = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment(database),
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr

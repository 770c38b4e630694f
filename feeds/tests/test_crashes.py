"""Real processes, killed with `kill -9`: `benchmarks.crashes` does it at length."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.slow
def test_killed_processes_lose_nothing(tmp_path):
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "benchmarks.crashes", "--here", "--rounds", "3"]
    run = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    assert "nothing lost, nothing twice" in run.stdout

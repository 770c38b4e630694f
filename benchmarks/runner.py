"""What every benchmark needs: a database of its own on each engine, and figures of many runs."""

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid

import psycopg

POSTGRESQL = os.environ.get(
    "BENCH_POSTGRESQL_URL", "postgres://postgres:postgres@127.0.0.1:5432/postgres"
)

# Seconds that one run on one database may take: a benchmark always ends by itself.
LONGEST = 1200


def run_everywhere(module, arguments=()):
    """Run `module` once on SQLite and once on PostgreSQL, each in a process of its own.

    The process gets an empty database by DATABASE_URL, which is dropped at its end.
    """
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        _run(module, arguments, "SQLite", f"sqlite:///{folder}/benchmark.sqlite3")
    name = f"benchmark_{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg.connect(POSTGRESQL, autocommit=True)
    except psycopg.OperationalError as error:
        print(f"\nPostgreSQL: left out ({error}).")
        return
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            _run(module, arguments, "PostgreSQL", f"{POSTGRESQL.rpartition('/')[0]}/{name}")
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _run(module, arguments, title, url):
    print(f"\n{title}", flush=True)
    command = [sys.executable, "-m", module, "--here", *arguments]
    environment = {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}
    subprocess.run(command, env=environment, check=True, timeout=LONGEST)


def set_up(**settings_to_change):
    """Prepare Django and the tables of the database that DATABASE_URL names."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "socialnet.settings"
    import django
    from django.conf import settings
    from django.core.management import call_command

    for name, value in settings_to_change.items():
        setattr(settings, name, value)
    django.setup()
    call_command("migrate", verbosity=0)


def timed(act, times):
    """Return how many milliseconds each of `times` runs of `act` took."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def p50(milliseconds):
    return statistics.median(milliseconds)


def p95(milliseconds):
    return sorted(milliseconds)[max(0, round(len(milliseconds) * 0.95) - 1)]


def peak_memory():
    """Return the most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def analyze():
    """Let the database learn what is in its tables, as it would by itself in time."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

"""Shared code of the benchmarks: an empty database per run, servers, and measurements."""

import argparse
import contextlib
import os
import platform
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import datetime
from pathlib import Path

import psycopg

POSTGRESQL = os.environ.get(
    "BENCH_POSTGRESQL_URL", "postgres://postgres:postgres@127.0.0.1:5432/postgres"
)

# Seconds after which a run on one database is stopped.
MAX_SECONDS = 1200


def run_everywhere(module, arguments=()):
    """Run `module` once on SQLite and once on PostgreSQL, each in its own process.

    DATABASE_URL of the process is an empty database, which is dropped afterwards.
    """
    run_on_sqlite(module, arguments)
    run_on_postgresql(module, arguments)


def main(module, description, measure, **size):
    """Run `module` everywhere, or measure here; `size` is its only option with the default."""
    ((name, default),) = size.items()
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(f"--{name}", type=int, default=default)
    options = vars(parser.parse_args())
    if options["here"]:
        measure(options[name])
    else:
        run_everywhere(module, [f"--{name}={options[name]}"])


def run_on_sqlite(module, arguments=()):
    with tempfile.TemporaryDirectory() as folder:
        _run(module, arguments, "SQLite", f"sqlite:///{folder}/benchmark.sqlite3")


def run_on_postgresql(module, arguments=()):
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
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"\n{title} ({machine})", flush=True)
    command = [sys.executable, "-m", module, "--here", *arguments]
    environment = {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "ERROR"}
    subprocess.run(command, env=environment, check=True, timeout=MAX_SECONDS)


def set_up(settings="socialnet.settings"):
    """Set up Django and migrate the database in DATABASE_URL."""
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextlib.contextmanager
def serving(application, folder, environment, size):
    """Serve `application` from `folder` with granian and yield the port.

    `size` is the number of workers and of threads of each.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    workers, threads = map(str, size)
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi"]
    command += ["--port", str(port), "--workers", workers, "--blocking-threads", threads]
    command += ["--no-access-log", "--log-level", "error", application]
    with running(command, folder, environment):
        wait_for(port)
        yield port


@contextlib.contextmanager
def running(command, folder, environment):
    """Run `command` until the block ends."""
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for(port, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    sys.exit(f"nothing answers at port {port}")


def load(model, columns, rows):
    """Write `rows`, tuples of values for `columns`, into the table of `model`.

    UUIDs must be hexadecimal text and JSON must be text, which both databases accept.
    """
    from django.db import connection, transaction

    table, names = model._meta.db_table, ", ".join(f'"{column}"' for column in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            placeholders = ", ".join(["%s"] * len(columns))
            texts = (
                tuple(
                    f"{value:%F %T.%f}" if isinstance(value, datetime) else value for value in row
                )
                for row in rows
            )
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({placeholders})", texts)


def count_queries(function):
    """Return the number of queries of `function`.

    Django's own query log is no use here, since each request of the test client clears it.
    """
    from django.db import connection

    queries = []

    def record(execute, *arguments):
        queries.append(arguments[0])
        return execute(*arguments)

    with connection.execute_wrapper(record):
        function()
    return len(queries)


def timed(function, times):
    """Return the milliseconds of each of `times` calls of `function`."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        function()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def processor_time():
    """Return the processor time of this process and its database connection in seconds."""
    from django.db import connection

    own_time = time.process_time()
    if connection.vendor != "postgresql":
        return own_time
    # The first number is nanoseconds of processor time (Linux: Documentation/scheduler).
    pid = connection.connection.info.backend_pid
    return own_time + int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def speed():
    """Return the milliseconds that this machine currently takes for a fixed computation.

    The speed of shared machines varies: compare figures of different times relative to it.
    """
    return p50(timed(lambda: sum(number * number for number in range(20_000)), 5))


def p50(milliseconds):
    return statistics.median(milliseconds)


def p95(milliseconds):
    return sorted(milliseconds)[max(0, round(len(milliseconds) * 0.95) - 1)]


def p99(milliseconds):
    return sorted(milliseconds)[max(0, round(len(milliseconds) * 0.99) - 1)]


def peak_memory():
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def analyze():
    """Update the database's statistics of all tables that have rows.

    Empty tables are left out: PostgreSQL would plan for a table that stays empty, and scan it for
    each check of a foreign key until the connection ends.
    """
    from django.apps import apps
    from django.db import connection

    tables = [model._meta.db_table for model in apps.get_models() if model._base_manager.exists()]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")

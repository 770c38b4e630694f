"""What every benchmark needs: a database of its own on each engine, and figures of many runs."""

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

# Seconds that one run on one database may take: a benchmark always ends by itself.
LONGEST = 1200


def run_everywhere(module, arguments=()):
    """Run `module` once on SQLite and once on PostgreSQL, each in a process of its own.

    The process gets an empty database by DATABASE_URL, which is dropped at its end.
    """
    run_on_sqlite(module, arguments)
    run_on_postgresql(module, arguments)


def main(module, description, measure, **size):
    """Run `module` everywhere, or measure here; `size` is its one option and its default."""
    ((name, usual),) = size.items()
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(f"--{name}", type=int, default=usual)
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
    subprocess.run(command, env=environment, check=True, timeout=LONGEST)


def set_up(settings="socialnet.settings"):
    """Prepare Django and the tables of the database that DATABASE_URL names."""
    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@contextlib.contextmanager
def serving(application, folder, environment, size):
    """Serve `application` from `folder` by granian; `size` is its workers and the threads of each.

    Yields the port.
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
    """Write `rows`, tuples of values for `columns`, into the table of `model`, as fast as it goes.

    Identifiers are given as hexadecimal text and JSON as text, which both databases take.
    """
    from django.db import connection, transaction

    table, names = model._meta.db_table, ", ".join(f'"{column}"' for column in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            texts = (
                tuple(
                    f"{value:%F %T.%f}" if isinstance(value, datetime) else value for value in row
                )
                for row in rows
            )
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", texts)


def queries_of(act):
    """Return how many queries `act` makes; the test client's requests forget Django's own log."""
    from django.db import connection

    asked = []

    def count(execute, *arguments):
        asked.append(arguments[0])
        return execute(*arguments)

    with connection.execute_wrapper(count):
        act()
    return len(asked)


def timed(act, times):
    """Return how many milliseconds each of `times` runs of `act` took."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def worked():
    """Return how many seconds the processor has worked for this process and its database."""
    from django.db import connection

    here = time.process_time()
    if connection.vendor != "postgresql":
        return here
    # The first number is nanoseconds on a processor (Linux, Documentation/scheduler).
    pid = connection.connection.info.backend_pid
    return here + int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def speed():
    """Return how many milliseconds this machine takes just now for a fixed piece of work.

    Shared machines are fast and slow by turns: figures of two moments compare by their ratio to it.
    """
    return p50(timed(lambda: sum(number * number for number in range(20_000)), 5))


def p50(milliseconds):
    return statistics.median(milliseconds)


def p95(milliseconds):
    return sorted(milliseconds)[max(0, round(len(milliseconds) * 0.95) - 1)]


def p99(milliseconds):
    return sorted(milliseconds)[max(0, round(len(milliseconds) * 0.99) - 1)]


def peak_memory():
    """Return the most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def analyze():
    """Let the database learn what is in its tables, as it would by itself in time.

    PostgreSQL never looks at an empty table by itself; told to, it would take it for one that stays
    empty, and read all of it for each check of a foreign key for as long as a connection lives.
    """
    from django.apps import apps
    from django.db import connection

    filled = [model._meta.db_table for model in apps.get_models() if model._base_manager.exists()]
    with connection.cursor() as cursor:
        for table in filled:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")

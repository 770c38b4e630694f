"""Response times during outages of Stream: `python -m benchmarks.outage`.

The site runs with hosted settings (granian, 8 threads) and its worker; a feed server runs in
another process behind a proxy that can fail. Twenty signed-in users read home, notifications,
profiles and collections, and add links, follows and messages. They run for `--seconds` (60) each
with Stream healthy, unreachable, healthy, slow (5 s), healthy, failing half of its calls, healthy.
Each outage is compared with the healthy runs before and after it, since the load of the machine may
change. After each outage the feeds are compared with the database, and `manage.py check_feeds` must
find nothing.

Users pause for `--pause` seconds (2) on average before each action. SQLite, or PostgreSQL with
`--postgresql`.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import runner
from benchmarks.load import SERVER_SIZE, SETTINGS, LoadTest, parser
from tests.conformance.servers import running_server
from tests.hosted import faults
from tests.ports import free_port

HERE = Path(__file__).parent
CREDENTIALS = ("hosted", secrets.token_hex(32))
OUTAGES = {
    "down": faults.refuse,
    "slow": faults.stall(5),
    "half failing": faults.half(faults.fail, faults.reset, faults.rate_limit, faults.garble),
}
# The budget: p95 relative to a healthy run, or milliseconds above it; milliseconds of p99.
MAX_RATIO, MAX_EXTRA_MS, MAX_P99_MS = 1.25, 20, 1200
# The worker pauses for up to a minute, and for an entry longer after each attempt.
MAX_RECOVERY_SECONDS = 240


def measure(options):
    os.environ |= site_settings(free_port())
    runner.set_up()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(
            free_port(),
            Path(folder),
            credentials=CREDENTIALS,
            settings="tests.hosted.feedserver_settings",
        ) as server,
    ):
        proxy_port = int(os.environ["STREAM_BASE_URL"].rpartition(":")[2])
        with (
            faults.Proxy(proxy_port, to=server.port) as proxy,
            runner.serving("socialnet.wsgi:application", HERE.parent, {}, SERVER_SIZE) as site,
            runner.running([sys.executable, "manage.py", "deliver_feeds"], HERE.parent, {}),
        ):
            load_test = LoadTest(
                f"http://127.0.0.1:{site}", seconds=options.seconds, pause=options.pause
            )
            run_phases(load_test, proxy, server)


def site_settings(proxy_port):
    key, secret = CREDENTIALS
    return {
        **SETTINGS,
        "STREAM_API_KEY": key,
        "STREAM_API_SECRET": secret,
        "STREAM_BASE_URL": f"http://localhost:{proxy_port}",
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
        # Every failed mark is logged as an error.
        "LOG_LEVEL": "CRITICAL",
    }


def run_phases(load_test, proxy, server):
    """Run the outages, each between two healthy runs; exit if the feeds are wrong."""
    recover()
    load_test.run("warm-up", load_test.seconds / 6)
    before, problems = load_test.run("healthy"), []
    print_heading()
    for name, fault in OUTAGES.items():
        with proxy.failing(fault):
            outage = load_test.run(name)
        waited = recover()
        compare(server)
        after = load_test.run("healthy")
        recover()
        problems += report(outage, before, after, waited)
        before = after
    sys.exit("\n".join(["", *problems]) if problems else 0)


def recover():
    """Wait until the worker has delivered everything; return the seconds, or exit if it fails."""
    from feeds.models import OutboxEntry

    started = time.monotonic()
    pending = OutboxEntry.objects.filter(state=OutboxEntry.State.PENDING)
    while pending.exists():
        if time.monotonic() - started > MAX_RECOVERY_SECONDS:
            sys.exit(f"{pending.count()} entries are still left after {MAX_RECOVERY_SECONDS} s")
        time.sleep(0.5)
    if failed := OutboxEntry.objects.filter(state=OutboxEntry.State.FAILED).first():
        sys.exit(f"failed: {failed}: {failed.error}")
    return time.monotonic() - started


def compare(server):
    """Exit if the feeds differ from the database, or `check_feeds` finds something."""
    import stream
    from django.core.management import call_command

    from tests.hosted.comparison import differences

    differing = differences(stream.connect(*CREDENTIALS, base_url=server.address))
    if differing:
        sys.exit("\n".join(["The feeds are not as the database:", *differing]))
    call_command("check_feeds", verbosity=0)


def print_heading():
    print(f"{'':14}{'pages':>6}{'errors':>7}{'p50':>6}{'p95':>7}{'p99':>7}", end="")
    print(f"{'p95 / healthy':>15}{'marks p95':>11}{'feeds right after':>20}")


def report(outage, before, after, waited):
    """Print an outage and its healthy runs; return errors and exceeded budgets."""
    healthy = before + after
    usual, slowest = runner.p95(healthy.pages), runner.p95(outage.pages)
    print_phase(healthy, "")
    print_phase(outage, f"{slowest / usual:15.2f}", f"{waited:18.0f} s")
    print(f"load {os.getloadavg()[0]:.1f}, speed {runner.speed():.1f} ms", flush=True)
    problems = [f"{outage.name}: {text}" for text in [*healthy.errors, *outage.errors][:20]]
    if slowest > max(MAX_RATIO * usual, usual + MAX_EXTRA_MS):
        problems.append(f"{outage.name}: p95 {slowest:.0f} ms, healthy {usual:.0f} ms")
    if runner.p99(outage.pages) > MAX_P99_MS:
        problems.append(f"{outage.name}: p99 {runner.p99(outage.pages):.0f} ms")
    return problems


def print_phase(phase, ratio, waited=""):
    figures = [figure(phase.pages) for figure in (runner.p50, runner.p95, runner.p99)]
    print(f"{phase.name:14}{len(phase.pages):6}{len(phase.errors):7}", end="")
    print("{:6.0f}{:7.0f}{:7.0f}".format(*figures), end="")
    print(f"{ratio:15}{runner.p95(phase.marks):11.0f}{waited:>20}", flush=True)


def parse():
    options = parser(__doc__)
    options.add_argument("--postgresql", action="store_true")
    return options.parse_args()


if __name__ == "__main__":
    arguments = parse()
    if arguments.here:
        measure(arguments)
    else:
        run = runner.run_on_postgresql if arguments.postgresql else runner.run_on_sqlite
        try:
            run("benchmarks.outage", sys.argv[1:])
        except subprocess.CalledProcessError as error:
            sys.exit(error.returncode)

"""What people notice of Stream's outages: `python -m benchmarks.outage`.

The site with hosted settings (granian, 8 threads), its worker, and a feed server in another process
behind a proxy that can fail. Twenty people, signed in, read home, notifications, profiles and
collections, with links, follows and messages of their own between, for `--seconds` (60) each: with
Stream well, out of reach, well, slow (5 s), well, failing half its calls, well. So each outage
has a healthy run before and behind it, which it is compared with: the machine may be busy with
other things. After each outage what the feeds hold is compared with the database, and
`manage.py check_feeds` must find nothing.

People pause for `--pause` seconds (2) on average before each act: with none, twenty of them would
wait for each other on two cores, not for Stream. SQLite, or PostgreSQL with `--postgresql`.
"""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import runner
from benchmarks.town import SETTINGS, SIZE, Town, parser
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
# What the budget is: of a healthy run's p95, or so many milliseconds more; p99.
RATIO, MARGIN, LONGEST = 1.25, 20, 1200
# Pauses of the worker grow to a minute, those of an entry with its attempts.
RECOVERY_SECONDS = 240


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
            runner.serving("socialnet.wsgi:application", HERE.parent, {}, SIZE) as site,
            runner.running([sys.executable, "manage.py", "deliver_feeds"], HERE.parent, {}),
        ):
            town = Town(f"http://127.0.0.1:{site}", seconds=options.seconds, pause=options.pause)
            run_phases(town, proxy, server)


def site_settings(proxy_port):
    key, secret = CREDENTIALS
    return {
        **SETTINGS,
        "STREAM_API_KEY": key,
        "STREAM_API_SECRET": secret,
        "STREAM_BASE_URL": f"http://localhost:{proxy_port}",
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
        # What cannot be marked is an error in the log, as often as somebody looks.
        "LOG_LEVEL": "CRITICAL",
    }


def run_phases(town, proxy, server):
    """Run the outages, each between two healthy runs; stop where the feeds are not right."""
    recover()
    town.run("warm-up", town.seconds / 6)
    before, problems = town.run("healthy"), []
    heading()
    for name, fault in OUTAGES.items():
        with proxy.failing(fault):
            outage = town.run(name)
        waited = recover()
        compare(server)
        after = town.run("healthy")
        recover()
        problems += report(outage, before, after, waited)
        before = after
    sys.exit("\n".join(["", *problems]) if problems else 0)


def recover():
    """Wait for the worker to deliver all, and return how long that took; stop if it does not."""
    from feeds.models import OutboxEntry

    started = time.monotonic()
    left = OutboxEntry.objects.filter(state=OutboxEntry.State.PENDING)
    while left.exists():
        if time.monotonic() - started > RECOVERY_SECONDS:
            sys.exit(f"{left.count()} entries are still left after {RECOVERY_SECONDS} s")
        time.sleep(0.5)
    if parked := OutboxEntry.objects.filter(state=OutboxEntry.State.FAILED).first():
        sys.exit(f"parked: {parked}: {parked.error}")
    return time.monotonic() - started


def compare(server):
    """Stop if the feeds are not as the database, or the site's own command finds something."""
    import stream
    from django.core.management import call_command

    from tests.hosted.comparison import differences

    found = differences(stream.connect(*CREDENTIALS, base_url=server.address))
    if found:
        sys.exit("\n".join(["The feeds are not as the database:", *found]))
    call_command("check_feeds", verbosity=0)


def heading():
    print(f"{'':14}{'pages':>6}{'errors':>7}{'p50':>6}{'p95':>7}{'p99':>7}", end="")
    print(f"{'p95 / healthy':>15}{'marks p95':>11}{'feeds right after':>20}")


def report(outage, before, after, waited):
    """Print an outage and the healthy runs around it; return what the budget says against it."""
    healthy = before + after
    usual, slowest = runner.p95(healthy.pages), runner.p95(outage.pages)
    print_phase(healthy, "")
    print_phase(outage, f"{slowest / usual:15.2f}", f"{waited:18.0f} s")
    print(f"load {os.getloadavg()[0]:.1f}, speed {runner.speed():.1f} ms", flush=True)
    problems = [f"{outage.name}: {text}" for text in [*healthy.errors, *outage.errors][:20]]
    if slowest > max(RATIO * usual, usual + MARGIN):
        problems.append(f"{outage.name}: p95 {slowest:.0f} ms, healthy {usual:.0f} ms")
    if runner.p99(outage.pages) > LONGEST:
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

"""Requests at random that are wrong: `python -m benchmarks.malformed --requests 100000 --seed 1`.

They go in turns to the server of its own and to the site, in this process, on SQLite and then on
PostgreSQL; it stops where an answer is an error of ours or no JSON object with a duration.
"""

import argparse
import secrets
import time

from benchmarks.runner import run_everywhere, set_up

MOST_PROBLEMS_SHOWN = 500


def run(number, seed):
    set_up()
    from feedserver.server import FeedServer
    from feedserver.tests.malformed import send_many
    from socialnet.wsgi import application

    started = time.perf_counter()
    applications = [FeedServer(), application]
    statuses, problems = send_many(applications, number, seed)
    told = ", ".join(f"{status}: {statuses[status]:,}" for status in sorted(statuses))
    print(f"{sum(statuses.values()):,} requests in {time.perf_counter() - started:.0f} s: {told}")
    for found, environ, content in problems:
        print(found, str(environ)[:MOST_PROBLEMS_SHOWN], content)
    if problems:
        raise SystemExit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--here", action="store_true", help="on the database of DATABASE_URL")
    options = parser.parse_args()
    if options.here:
        run(options.requests, options.seed)
        return
    print(f"Seed {options.seed}")
    arguments = ["--requests", str(options.requests), "--seed", str(options.seed)]
    run_everywhere("benchmarks.malformed", arguments)


if __name__ == "__main__":
    main()

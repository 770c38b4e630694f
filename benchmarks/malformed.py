"""Random malformed requests: `python -m benchmarks.malformed --requests 100000 --seed 1`.

They are sent to the feed server and to the site in turn, in this process, on SQLite and then on
PostgreSQL. It fails if a response is a server error or no JSON object with a duration.
"""

import argparse
import secrets
import time

from benchmarks.runner import run_everywhere, set_up

MAX_PROBLEM_LENGTH = 500


def run(number, seed):
    set_up()
    from feedserver.server import FeedServer
    from feedserver.tests.malformed import send_many
    from socialnet.wsgi import application

    started = time.perf_counter()
    applications = [FeedServer(), application]
    statuses, problems = send_many(applications, number, seed)
    counts = ", ".join(f"{status}: {statuses[status]:,}" for status in sorted(statuses))
    print(f"{sum(statuses.values()):,} requests in {time.perf_counter() - started:.0f} s: {counts}")
    for problem, environ, content in problems:
        print(problem, str(environ)[:MAX_PROBLEM_LENGTH], content)
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

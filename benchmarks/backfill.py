"""Peak memory of `backfill_self_follows`: `python -m benchmarks.backfill`.

It runs in its own process on databases of 1,000 people with 3,000 collections, then of 100,000 with
300,000. The peaks may differ by 30 MB.
"""

import subprocess
import sys
import time

from benchmarks import runner

PEOPLE = (1_000, 100_000)
COLLECTIONS = 3


def measure(count):
    # Rows are made in another process, whose memory does not count.
    subprocess.run([sys.executable, "-m", "benchmarks.backfill", "--make", str(count)], check=True)
    runner.set_up()
    from django.core.management import call_command

    from follows.models import CollectionFollow, Follow

    started = time.perf_counter()
    call_command("backfill_self_follows")
    seconds, peak = time.perf_counter() - started, runner.peak_memory()
    made = Follow.objects.count(), CollectionFollow.objects.count()
    if made != (count, count * COLLECTIONS):
        sys.exit(f"{made} follows were made")
    print(f"{seconds:,.1f} s, peak {peak:.1f} MB", flush=True)
    call_command("backfill_self_follows")


def make(count):
    from django.contrib.auth import get_user_model

    from collections_app.models import Collection

    Person = get_user_model()  # noqa: N806
    for start in range(0, count, 5000):
        people = Person.objects.bulk_create(
            [
                Person(username=f"p{number}", email=f"p{number}@example.org")
                for number in range(start, min(start + 5000, count))
            ]
        )
        Collection.objects.bulk_create(
            [
                Collection(author=person, name=f"Collection {number}", description="Links.")
                for person in people
                for number in range(COLLECTIONS)
            ]
        )


if __name__ == "__main__":
    if "--here" in sys.argv:
        measure(int(sys.argv[-1]))
    elif "--make" in sys.argv:
        runner.set_up()
        make(int(sys.argv[-1]))
    else:
        for number in PEOPLE:
            runner.run_everywhere("benchmarks.backfill", [str(number)])

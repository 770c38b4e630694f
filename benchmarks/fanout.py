"""One activity to 10, 1,000, 10,000 and 100,000 followers: `python -m benchmarks.fanout`.

Each follower's timeline is an aggregated feed. The first activity of a day opens a group on every
timeline, the next ones join it; both are told, with the memory that the process grew by. Then the
same to followers that hold as many copies as they may, so that some of each must leave.
"""

import sys
import uuid

from benchmarks import runner

FOLLOWERS = (10, 1_000, 10_000, 100_000)
JOINING = 5
FULL, TO_FULL = 400, 100


def measure():
    runner.set_up()
    from feedserver.models import Feed, Follow

    print(f"{'followers':>10} {'opens ms':>10} {'joins ms p50':>13} {'remove ms':>10} {'+MB':>6}")
    for count in FOLLOWERS:
        author = Feed.objects.create(slug="user", user_id=f"author{count}")
        names = (f"{count}x{number}" for number in range(count))
        readers = Feed.objects.bulk_create(
            [Feed(slug="timeline", user_id=name) for name in names], batch_size=5000
        )
        Follow.objects.bulk_create(
            [Follow(source=reader, target=author) for reader in readers], batch_size=5000
        )
        del readers
        runner.analyze()
        report(count)
    report_full()


def report(count):
    from feedserver.models import FeedEntry

    before = runner.peak_memory()
    user = client().feed("user", f"author{count}")
    numbers = iter(range(100))

    def add():
        number = next(numbers)
        activity = {"actor": "SU:1", "verb": "post", "object": "SO:collections:1"}
        user.add_activity({**activity, "foreign_id": f"a:{number}", "time": moment(number)})

    (opens,) = runner.timed(add, 1)
    joins = runner.timed(add, JOINING)
    held = FeedEntry.objects.filter(origin__user_id=f"author{count}").count()
    if held != (1 + JOINING) * (count + 1):
        sys.exit(f"{held} entries are too few or too many")
    (removal,) = runner.timed(lambda: user.remove_activity(foreign_id="a:0"), 1)
    grown = runner.peak_memory() - before
    print(
        f"{count:>10,} {opens:>10.1f} {runner.p50(joins):>13.1f} {removal:>10.1f} {grown:>6.1f}",
        flush=True,
    )


def report_full():
    """Tell how long an activity to followers takes whose feeds are full, and how full they stay."""
    from feedserver import conf
    from feedserver.feed_lengths import copies_in
    from feedserver.models import Activity, Feed, FeedEntry, FeedLength, Follow

    length = conf.feed_length()
    author = Feed.objects.create(slug="user", user_id="author")
    readers = Feed.objects.bulk_create([Feed(slug="links", user_id=f"f{n}") for n in range(FULL)])
    old = [Activity(id=uuid.UUID(int=n), time=moment(0)) for n in range(length)]
    Activity.objects.bulk_create(old, batch_size=1000)
    Follow.objects.bulk_create([Follow(source=reader, target=author) for reader in readers])
    FeedLength.objects.bulk_create([FeedLength(feed=reader, copies=length) for reader in readers])
    rows = ((reader.pk, row.pk.hex, author.pk) for reader in readers for row in old)
    runner.load(FeedEntry, ["feed_id", "activity_id", "origin_id"], rows)
    runner.analyze()
    user, numbers = client().feed("user", "author"), iter(range(TO_FULL))
    activity = {"actor": "SU:1", "verb": "post", "object": "SO:collections:1"}
    taken = runner.timed(
        lambda: user.add_activity({**activity, "foreign_id": f"full:{next(numbers)}"}), TO_FULL
    )
    held = [copies_in(reader.pk).count() for reader in readers]
    if max(held) > length:
        sys.exit(f"{max(held)} copies are too many")
    first, rest = taken[0], taken[1:]
    print(f"to {FULL} full feeds: first {first:.1f}, then p50 {runner.p50(rest):.1f}", end="")
    print(f", longest {max(rest):.1f} ms; they hold {min(held):,} to {max(held):,}")


def client():
    from stream_django.client import stream_client

    return stream_client


def moment(number):
    from datetime import UTC, datetime, timedelta

    return datetime(2026, 1, 2, 12, tzinfo=UTC) + timedelta(minutes=number)


if __name__ == "__main__":
    measure() if "--here" in sys.argv else runner.run_everywhere("benchmarks.fanout")

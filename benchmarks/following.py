"""Following many feeds in one request: `python -m benchmarks.following`.

One reader follows 10 or 1,000 feeds, or each of as many readers follows one. Each feed has 4
activities, which are copied; no feed exceeds its maximum length. Then all are unfollowed. The time
per follow with 1,000 is to be compared with that with 10.
"""

import sys

from benchmarks import runner

FOLLOWED = (10, 1_000)
ACTIVITIES_PER_FEED = 4
READERS = {"flat": "links", "aggregated": "timeline", "notification": "notification"}


def measure():
    runner.set_up()
    from feedserver.models import Feed

    print(f"{'readers':>17} {'follows':>8} {'queries':>8} {'follow ms':>10} {'unfollow ms':>12}")
    for count in FOLLOWED:
        names = [f"f{count}x{number}" for number in range(count)]
        add_activities(Feed.objects.bulk_create(Feed(slug="user", user_id=name) for name in names))
        runner.analyze()
        for title, slug in READERS.items():
            report(f"one {title}", [(f"{slug}:r{count}", f"user:{name}") for name in names])
            report(f"each {title}", [(f"{slug}:{name}", f"user:{name}") for name in names])
    print(f"a fixed piece of work took {runner.speed():.2f} ms", flush=True)


def add_activities(feeds):
    from feedserver.ids import fresh_id, next_time
    from feedserver.models import Activity, FeedEntry

    entries, activities = [], []
    for feed in feeds:
        for number in range(ACTIVITIES_PER_FEED):
            moment = next_time()
            row = Activity(id=fresh_id(moment), actor=f"SU:{number % 3}", verb="post", time=moment)
            row.object = f"SO:collections:{feed.pk}"
            activities.append(row)
            entries.append(FeedEntry(feed=feed, origin=feed, activity=row))
    Activity.objects.bulk_create(activities, batch_size=1000)
    FeedEntry.objects.bulk_create(entries, batch_size=1000)


def report(title, pairs):
    from stream_django.client import stream_client

    from feedserver.models import FeedEntry

    relations = [{"source": source, "target": target} for source, target in pairs]
    entry_count = FeedEntry.objects.count()
    answers = []
    query_count = runner.count_queries(
        lambda: answers.extend(runner.timed(lambda: stream_client.follow_many(relations), 1))
    )
    if FeedEntry.objects.count() != entry_count + len(pairs) * ACTIVITIES_PER_FEED:
        sys.exit("not everything was copied")
    (ended,) = runner.timed(lambda: stream_client.unfollow_many(relations), 1)
    if FeedEntry.objects.count() != entry_count:
        sys.exit("not everything was taken back")
    print(
        f"{title:>17} {len(pairs):>8,} {query_count:>8} {answers[0]:>10.1f} {ended:>12.1f}",
        flush=True,
    )


if __name__ == "__main__":
    if "--here" in sys.argv:
        measure()
    else:
        runner.run_everywhere("benchmarks.following")

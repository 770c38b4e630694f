"""Find people who add many links to one host, a sign of advertising.

Only the newest links are searched, so the time does not depend on the size of the site.
"""

from django.db.models import Count, F, Window

from collections_app.models import Content

# An author has many links to a host if so many of the newest links are theirs.
NEWEST_LINKS, MIN_REPEATS = 5_000, 10


def links_to_repeated_hosts(newest=NEWEST_LINKS):
    """Return those of the newest links whose author has many to the same host among them."""
    repeats = Window(Count("pk"), partition_by=["collection__author_id", "host"])
    return _repeated_among(newest).annotate(repeats=repeats).filter(repeats__gte=MIN_REPEATS)


def repeated_hosts(newest=NEWEST_LINKS):
    """Return rows of `author`, `username`, `host` and number of `links`, the most first."""
    return (
        _repeated_among(newest)
        .order_by()
        .values("host", author=F("collection__author"), username=F("collection__author__username"))
        .annotate(links=Count("pk"))
        .filter(links__gte=MIN_REPEATS)
        .order_by("-links", "username", "host")
    )


def _repeated_among(newest):
    """Return those of the newest links whose host is repeated among them, by any authors.

    Filtering by time makes this one range of an index. Few hosts remain, so the database looks up
    their authors one by one instead of reading all collections.
    """
    links = Content.objects.exclude(host="")
    times = Content.objects.newest_first().values_list("created_at", flat=True)
    for oldest in times[newest - 1 : newest]:
        links = links.filter(created_at__gte=oldest)
    repeated = links.values("host").annotate(links=Count("pk")).filter(links__gte=MIN_REPEATS)
    return links.filter(host__in=list(repeated.values_list("host", flat=True)))

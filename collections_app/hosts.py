"""Who adds many links to one host: what advertising looks like.

Only the newest links are looked at, so that asking takes as long whatever the site holds.
"""

from django.db.models import Count, F, Window

from collections_app.models import Content

# The pairs of author and host that have so many links among the newest.
NEWEST, MANY = 5_000, 10


def links_to_one_host(newest=NEWEST):
    """Return the links among the newest whose author has many to the same host among them."""
    alike = Window(Count("pk"), partition_by=["collection__author_id", "host"])
    return _among(newest).annotate(alike=alike).filter(alike__gte=MANY)


def repeated_hosts(newest=NEWEST):
    """Return rows of `author`, `username`, `host` and `links` (how many), the most first."""
    return (
        _among(newest)
        .order_by()
        .values("host", author=F("collection__author"), username=F("collection__author__username"))
        .annotate(links=Count("pk"))
        .filter(links__gte=MANY)
        .order_by("-links", "username", "host")
    )


def _among(newest):
    looked_at = Content.objects.newest_first().values("pk")[:newest]
    return Content.objects.filter(pk__in=looked_at).exclude(host="")

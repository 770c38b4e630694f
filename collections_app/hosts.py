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
    """Return those of the newest links whose host is many times among them, whoever added it.

    The moment of the oldest makes it one range of an index; so few hosts are left that their
    authors are looked up one by one, rather than all collections read.
    """
    links = Content.objects.exclude(host="")
    moments = Content.objects.newest_first().values_list("created_at", flat=True)
    for oldest in moments[newest - 1 : newest]:
        links = links.filter(created_at__gte=oldest)
    often = links.values("host").annotate(links=Count("pk")).filter(links__gte=MANY)
    return links.filter(host__in=list(often.values_list("host", flat=True)))

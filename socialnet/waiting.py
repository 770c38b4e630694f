"""What waits for staff: the top of the admin's first page.

Each part is there for whoever may see the list it leads to, and costs the same at any size.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from collections_app.hosts import repeated_hosts
from collections_app.models import Content
from feeds.models import OutboxEntry
from moderation.models import Case
from socialnet.admin_lists import bounded_count

NEWCOMERS, FIRST_LINKS, HOSTS = 20, 3, 10
NEW = timedelta(days=1)


@dataclass(frozen=True)
class Waiting:
    """So many things that wait in the list at `url`; `more` says that there are still more."""

    label: str
    count: int
    url: str
    more: bool = False


def waiting_for(user):
    """Return what waits for `user`, the most pressing first; also what there is none of."""
    return [row for part in PARTS for row in part(user)]


def open_reports(user):
    if user.has_perm("moderation.view_case"):
        cases = Case.objects.open().not_about(user)
        yield _cases(_("Open reports"), cases.filter(is_appeal=False), 0)


def open_appeals(user):
    if user.has_perm("moderation.view_case"):
        yield _cases(_("Appeals"), Case.objects.open().not_about(user).appeals(), 1)


def _cases(label, cases, is_appeal):
    count, more = bounded_count(cases)
    return Waiting(label, count, list_of("moderation", "case", is_appeal__exact=is_appeal), more)


def failed_deliveries(user):
    if user.has_perm("feeds.view_outboxentry"):
        failed = OutboxEntry.State.FAILED
        count, more = bounded_count(OutboxEntry.objects.filter(state=failed))
        url = list_of("feeds", "outboxentry", state__exact=failed)
        yield Waiting(_("Failed deliveries"), count, url, more)


# What an app has waiting for staff: a function of a person that yields rows.
PARTS = [open_reports, open_appeals, failed_deliveries]


def newcomers(user):
    """Return the newest people of the last 24 hours, each with `first_links`; None if hidden."""
    if not user.has_perm("accounts.view_user"):
        return None
    joined = get_user_model().objects.filter(date_joined__gte=timezone.now() - NEW)
    people = list(joined.order_by("-date_joined", "-id")[:NEWCOMERS])
    links = {}
    if people and user.has_perm("collections_app.view_content"):
        for link in first_links(people):
            links.setdefault(link.author_key, []).append(link)
    for person in people:
        person.first_links = links.get(person.pk, [])
    return people


def first_links(people):
    """Return the first links of each of `people`, hidden ones too, with their `author_key`."""
    author = F("collection__author")
    place = Window(RowNumber(), partition_by=author, order_by=["created_at", "id"])
    links = Content.objects.filter(collection__author__in=people)
    links = links.annotate(author_key=author, place=place).filter(place__lte=FIRST_LINKS)
    return links.order_by("author_key", "place")


def advertisers(user):
    """Return rows of who adds many links to one host, with the `url` of these; None if hidden."""
    if not user.has_perms(["accounts.view_user", "collections_app.view_content"]):
        return None
    return [
        {
            **row,
            "url": list_of("collections_app", "content", host=row["host"], author=row["username"]),
            "person_url": reverse("admin:accounts_user_change", args=[row["author"]]),
        }
        for row in repeated_hosts()[:HOSTS]
    ]


def list_of(app, model, **query):
    """Return the address of a list of the admin."""
    address = reverse(f"admin:{app}_{model}_changelist")
    return f"{address}?{urlencode(query)}" if query else address

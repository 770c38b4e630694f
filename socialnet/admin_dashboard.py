"""The dashboard of the admin: pending work, new people and frequent posters.

Each section is shown to staff who may view the change list that it links to. The time of a section
does not grow with the number of rows.
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

MAX_NEW_PEOPLE, MAX_FIRST_LINKS, MAX_FREQUENT_POSTERS = 20, 3, 10
NEW_FOR = timedelta(days=1)


@dataclass(frozen=True)
class PendingItems:
    """The number of pending rows in the change list at `url`, or more if `has_more`."""

    label: str
    count: int
    url: str
    has_more: bool = False


def pending_items(user):
    """Return the PendingItems that `user` may view, the most urgent first; counts may be 0."""
    return [items for section in SECTIONS for items in section(user)]


def open_reports(user):
    if user.has_perm("moderation.view_case"):
        cases = Case.objects.open().not_about(user)
        yield _pending_cases(_("Open reports"), cases.filter(is_appeal=False), 0)


def open_appeals(user):
    if user.has_perm("moderation.view_case"):
        yield _pending_cases(_("Appeals"), Case.objects.open().not_about(user).appeals(), 1)


def _pending_cases(label, cases, is_appeal):
    url = changelist_url("moderation", "case", is_appeal__exact=is_appeal)
    count, has_more = bounded_count(cases)
    return PendingItems(label, count, url, has_more)


def failed_deliveries(user):
    if user.has_perm("feeds.view_outboxentry"):
        failed = OutboxEntry.State.FAILED
        count, has_more = bounded_count(OutboxEntry.objects.filter(state=failed))
        url = changelist_url("feeds", "outboxentry", state__exact=failed)
        yield PendingItems(_("Failed deliveries"), count, url, has_more)


SECTIONS = [open_reports, open_appeals, failed_deliveries]


def new_people(user):
    """Return the people who joined in the last 24 hours, newest first, each with `first_links`.

    None if `user` may not view people.
    """
    if not user.has_perm("accounts.view_user"):
        return None
    joined = get_user_model().objects.filter(date_joined__gte=timezone.now() - NEW_FOR)
    people = list(joined.order_by("-date_joined", "-id")[:MAX_NEW_PEOPLE])
    links = {}
    if people and user.has_perm("collections_app.view_content"):
        for link in first_links(people):
            links.setdefault(link.author_key, []).append(link)
    for person in people:
        person.first_links = links.get(person.pk, [])
    return people


def first_links(people):
    """Return the first links of each person, hidden ones included, with their `author_key`."""
    author = F("collection__author")
    position = Window(RowNumber(), partition_by=author, order_by=["created_at", "id"])
    links = Content.objects.filter(collection__author__in=people)
    links = links.annotate(author_key=author, position=position)
    links = links.filter(position__lte=MAX_FIRST_LINKS)
    return links.order_by("author_key", "position")


def frequent_posters(user):
    """Return a row for each person who adds many links to one host, with the `url` of these links.

    None if `user` may not view people and links.
    """
    if not user.has_perms(["accounts.view_user", "collections_app.view_content"]):
        return None
    return [
        {
            **row,
            "url": changelist_url(
                "collections_app", "content", host=row["host"], author=row["username"]
            ),
            "person_url": reverse("admin:accounts_user_change", args=[row["author"]]),
        }
        for row in repeated_hosts()[:MAX_FREQUENT_POSTERS]
    ]


def changelist_url(app, model, **query):
    """Return the URL of a change list, filtered by `query`."""
    url = reverse(f"admin:{app}_{model}_changelist")
    return f"{url}?{urlencode(query)}" if query else url

"""What a moderator is shown about one case: all that helps to decide it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from collections_app.models import Collection, Content
from moderation.labels import label_of_act
from moderation.models import Case, LogRecord
from moderation.things import KINDS, thing_of

SHOWN = 10
MOST_REPORTS = 50


def dossier(case):
    """Return the target as it is, its reports, and what is known of its author: 9 queries."""
    target = thing_of(case)
    reports = reports_on(case)
    now = KINDS[case.kind].copy(target) if target else {}
    return {
        "target": target,
        "thing_admin": admin_page(target) if target else "",
        "reports": [(report, changed_since(report.copy, now)) for report in reports],
        "readable": case.kind != Case.Kind.MESSAGE,
        "earlier_cases": earlier_cases(case),
        "acts": acts_about(case),
        "other_things": other_things(case),
        "latest_links": latest_links(target),
    }


def reports_on(case):
    """Return the oldest and the newest reports: many new ones bury no old copy."""
    rows = case.reports.select_related("reporter")
    newest = list(rows.order_by("-id")[:MOST_REPORTS])
    oldest = rows.filter(pk__lt=newest[-1].pk).order_by("id")[:MOST_REPORTS] if newest else []
    return newest + list(oldest)[::-1]


def admin_page(target):
    name = f"{target._meta.app_label}_{target._meta.model_name}"
    return reverse(f"admin:{name}_change", args=[target.pk])


def changed_since(copy, now):
    """Return what of the reported texts is different now: pairs of label and reported text."""
    return [
        (LABELS.get(field, field), text) for field, text in copy.items() if now.get(field) != text
    ]


LABELS = {
    "username": _("username"),
    "name": _("name"),
    "about": _("about"),
    "description": _("description"),
    "author": _("author"),
    "url": _("link"),
    "title": _("title"),
    "collection": _("collection"),
}


def earlier_cases(case):
    """Return the newest other cases about what this author made."""
    if case.author_id is None:
        return []
    return list(Case.objects.filter(author=case.author).exclude(pk=case.pk).order_by("-id")[:SHOWN])


def acts_about(case):
    """Return the newest acts of staff about the author, and about this target, labelled."""
    records = list(LogRecord.objects.about(KINDS[case.kind].label, case.thing_id)[:SHOWN])
    if case.author_id and case.kind != Case.Kind.PERSON:
        person = KINDS[Case.Kind.PERSON].label
        records += LogRecord.objects.about(person, case.author_id)[:SHOWN]
    records.sort(key=lambda record: -record.position)
    return [(record, label_of_act(record.act)) for record in records[:SHOWN]]


def other_things(case):
    """Return the newest collections and links of the author, and hidden ones; this one apart."""
    if case.author_id is None:
        return []
    of_author = [
        Collection.objects.filter(author=case.author_id),
        Content.objects.filter(collection__author=case.author_id).select_related("collection"),
    ]
    things = set()
    for rows in of_author:
        things.update(rows.newest_first()[:SHOWN])
        things.update(rows.filter(hidden_at__isnull=False).newest_first()[:SHOWN])
    this = KINDS[case.kind].model, case.thing_id
    others = [target for target in things if (type(target), target.pk) != this]
    others.sort(key=lambda target: (target.is_hidden, target.created_at), reverse=True)
    return [(target, admin_page(target)) for target in others[: 2 * SHOWN]]


def latest_links(target):
    """Return the newest links of a collection, hidden ones too; none of anything else."""
    if not isinstance(target, Collection):
        return []
    return list(target.contents.newest_first()[:SHOWN])

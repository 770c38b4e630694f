"""The template context of a case's page in the admin."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from collections_app.models import Collection, Content
from moderation.labels import action_label
from moderation.models import Case, LogRecord
from moderation.reportables import REPORTABLE_TYPES, get_target

PREVIEW_COUNT = 10
MAX_REPORTS = 50


def case_context(case):
    """Return the target, its reports and its author's record, in 9 queries."""
    target = get_target(case)
    reports = reports_on(case)
    current = REPORTABLE_TYPES[case.kind].copy(target) if target else {}
    return {
        "target": target,
        "target_admin_url": admin_page(target) if target else "",
        "reports": [(report, changed_texts(report.copy, current)) for report in reports],
        "readable": case.kind != Case.Kind.MESSAGE,
        "earlier_cases": earlier_cases(case),
        "staff_actions": staff_actions_about(case),
        "other_targets": other_targets(case),
        "latest_links": latest_links(target),
    }


def reports_on(case):
    """Return the oldest and the newest reports, so that many new ones hide no early copy."""
    rows = case.reports.select_related("reporter")
    newest = list(rows.order_by("-id")[:MAX_REPORTS])
    oldest = rows.filter(pk__lt=newest[-1].pk).order_by("id")[:MAX_REPORTS] if newest else []
    return newest + list(oldest)[::-1]


def admin_page(target):
    name = f"{target._meta.app_label}_{target._meta.model_name}"
    return reverse(f"admin:{name}_change", args=[target.pk])


def changed_texts(copy, current):
    """Return (label, reported text) for each field of `copy` that differs from `current`."""
    return [
        (LABELS.get(field, field), text)
        for field, text in copy.items()
        if current.get(field) != text
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
    """Return the newest other cases of the same author."""
    if case.author_id is None:
        return []
    return list(
        Case.objects.filter(author=case.author).exclude(pk=case.pk).order_by("-id")[:PREVIEW_COUNT]
    )


def staff_actions_about(case):
    """Return (record, label) of the newest staff actions on the target and its author."""
    records = list(
        LogRecord.objects.about(REPORTABLE_TYPES[case.kind].label, case.thing_id)[:PREVIEW_COUNT]
    )
    if case.author_id and case.kind != Case.Kind.PERSON:
        person = REPORTABLE_TYPES[Case.Kind.PERSON].label
        records += LogRecord.objects.about(person, case.author_id)[:PREVIEW_COUNT]
    records.sort(key=lambda record: -record.position)
    return [(record, action_label(record.act)) for record in records[:PREVIEW_COUNT]]


def other_targets(case):
    """Return the author's newest and newest hidden collections and links, without the target."""
    if case.author_id is None:
        return []
    of_author = [
        Collection.objects.filter(author=case.author_id),
        Content.objects.filter(collection__author=case.author_id).select_related("collection"),
    ]
    targets = set()
    for rows in of_author:
        targets.update(rows.newest_first()[:PREVIEW_COUNT])
        targets.update(rows.filter(hidden_at__isnull=False).newest_first()[:PREVIEW_COUNT])
    current = REPORTABLE_TYPES[case.kind].model, case.thing_id
    others = [target for target in targets if (type(target), target.pk) != current]
    others.sort(key=lambda target: (target.is_hidden, target.created_at), reverse=True)
    return [(target, admin_page(target)) for target in others[: 2 * PREVIEW_COUNT]]


def latest_links(target):
    """Return the newest links of a collection, including hidden ones; [] for other targets."""
    if not isinstance(target, Collection):
        return []
    return list(target.contents.newest_first()[:PREVIEW_COUNT])

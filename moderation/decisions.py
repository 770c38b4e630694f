"""Decisions of staff about cases.

A logged staff action on a target closes its open cases, wherever the action was taken. So one
decision closes all reports, and hiding a link on its own page removes it from the queue.
`transactions` states the order of locks.
"""

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services as accounts
from accounts.staff import StaffAction, log_action, logged_together
from collections_app import services as collections
from collections_app.access import moderates
from collections_app.models import Content
from moderation.models import Case, LogRecord, Report
from moderation.reportables import REPORTABLE_TYPES, get_target
from moderation.services import staff
from transactions import atomically, lock_row, lock_rows

Decision = Case.Decision


class CaseAction(models.TextChoices):
    """Actions in the log besides `accounts.staff.StaffAction`."""

    DISMISSED = "dismissed", gettext_lazy("Dismissed reports")
    UPHELD = "upheld", gettext_lazy("Upheld on appeal")
    MESSAGE_READ = "message_read", gettext_lazy("Read a reported message")


class AlreadyDecided(Exception):
    """Raised for a case that was decided meanwhile; `case` has the decision."""

    def __init__(self, case):
        super().__init__(str(case))
        self.case = case


@atomically
def decide(*, case, by, decision, reason, until=None):
    """Decide `case` for `by`, execute the decision, and return the current case.

    `until` ends a suspension. Raises PermissionDenied if `by` may not decide it, ValidationError if
    the decision is impossible, and AlreadyDecided if there is one.
    """
    case.refresh_from_db()
    if not case.is_open:
        raise AlreadyDecided(case)
    check_may_decide(case=case, by=by, decision=decision)
    with logged_together():
        EXECUTE[decision](case, by=by, reason=reason, until=until)
    case.refresh_from_db()
    return case


def choices(case):
    """Return the possible decisions about `case`."""
    if case.is_appeal:
        return [Decision.UPHELD, Decision.RESTORED]
    hide = [Decision.HIDDEN] if REPORTABLE_TYPES[case.kind].can_be_hidden else []
    return [Decision.DISMISSED, *hide, Decision.SUSPENDED]


def check_may_decide(*, case, by, decision=None):
    """Raise PermissionDenied, with the reason, unless `by` may decide `case`.

    Nobody decides a case about themselves, nor an appeal against their own hiding if somebody else
    can decide it.
    """
    if not by.has_perm("moderation.decide_case"):
        raise PermissionDenied(_("Only moderators may decide."))
    if case.author_id == by.pk:
        raise PermissionDenied(_("This is about you: another moderator decides."))
    if case.is_appeal and hidden_by(case) == by.pk and _others(by, case).exists():
        raise PermissionDenied(_("You hid this: another moderator takes the second look."))
    if decision is None:
        return
    if decision not in choices(case):
        raise ValidationError(_("This cannot be decided here."))
    changes_visibility = decision in {Decision.HIDDEN, Decision.RESTORED}
    if changes_visibility and not moderates(by, REPORTABLE_TYPES[case.kind].model):
        raise PermissionDenied(_("Your account may not hide or restore this."))


def hidden_by(case):
    """Return the key of the member of staff who hid the target of `case`, or None."""
    records = LogRecord.objects.about(REPORTABLE_TYPES[case.kind].label, case.thing_id)
    return records.filter(act=StaffAction.HIDDEN).values_list("staff_id", flat=True).first()


def _others(by, case):
    return staff().visible().exclude(pk__in=[by.pk, case.author_id or by.pk])


def dismiss(case, *, by, reason, until):
    _close_without_change(case, Decision.DISMISSED, CaseAction.DISMISSED, by=by, reason=reason)


def uphold(case, *, by, reason, until):
    _close_without_change(case, Decision.UPHELD, CaseAction.UPHELD, by=by, reason=reason)


def _close_without_change(case, decision, action, *, by, reason):
    """Close a case without changing its target."""
    case = lock_open(case)
    close(case, decision, by=by, reason=reason)
    log_action(by=by, target=logged_target(case), action=action, reason=reason)


def logged_target(case):
    """Return the row that the log names: not a message, which would reveal who reported it."""
    return case if case.kind == Case.Kind.MESSAGE else get_target(case) or case


def hide(case, *, by, reason, until):
    target = _lock_target(case)
    lock_open(case)
    if not collections.hide(target=target, by=by, reason=reason):
        raise ValidationError(_("It is hidden already: dismiss the reports."))


def restore(case, *, by, reason, until):
    target = _lock_target(case)
    lock_open(case)
    if not collections.restore(target=target, by=by, reason=reason):
        raise ValidationError(_("It is not hidden any more."))


def suspend(case, *, by, reason, until):
    try:
        person = case.author and accounts.lock_affected(case.author)
    except get_user_model().DoesNotExist:
        person = None
    if person is None:
        raise ValidationError(_("The account is deleted: there is nobody to suspend."))
    case = lock_open(case)
    accounts.suspend(person=person, by=by, reason=reason, until=until)
    case.refresh_from_db()
    if case.is_open:  # the target is not the person but something they made
        close(case, Decision.SUSPENDED, by=by, reason=reason)


EXECUTE = {
    Decision.DISMISSED: dismiss,
    Decision.HIDDEN: hide,
    Decision.SUSPENDED: suspend,
    Decision.UPHELD: uphold,
    Decision.RESTORED: restore,
}


def _lock_target(case):
    target = get_target(case)
    row = target and lock_row(target)
    if row is None:
        if case.is_appeal:
            raise ValidationError(_("It has been deleted: it can only stay hidden."))
        raise ValidationError(_("It has been deleted: dismiss the reports, or suspend its author."))
    return row


def lock_open(case):
    """Return the current row of `case`, locked; raise AlreadyDecided if it is closed."""
    row = Case.objects.select_for_update().get(pk=case.pk)
    if not row.is_open:
        raise AlreadyDecided(row)
    return row


def close(case, decision, *, by, reason):
    """Store the decision about a locked case."""
    case.decision, case.reason = decision, reason
    case.decided_by, case.decided_at = by, timezone.now()
    case.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
    if case.author_id is None:
        erase_texts(Case.objects.filter(pk=case.pk))


# The cases that an action on their target closes: whether they are appeals, and the decision.
CLOSING_ACTIONS = {
    StaffAction.HIDDEN: ([False], Decision.HIDDEN),
    StaffAction.SUSPENDED: ([False], Decision.SUSPENDED),
    StaffAction.RESTORED: ([True], Decision.RESTORED),
    StaffAction.DELETED: ([False, True], Decision.DELETED),
}


def close_answered_cases(action, target_type, target_id, *, by, reason):
    """Close the open cases that a staff action on their target answers."""
    appeals, decision = CLOSING_ACTIONS[action]
    about = Q(kind=target_type.name, thing_id=target_id)
    if action == StaffAction.DELETED:
        about |= deleted_with(target_type, target_id)
    for case in lock_rows(Case.objects.open().filter(about, is_appeal__in=appeals)).values():
        close(case, decision, by=by, reason=reason)


def deleted_with(target_type, target_id):
    """Return a condition: the case is about a row that is deleted with a person or collection."""
    if target_type.name == Case.Kind.PERSON:
        return Q(author=target_id)
    if target_type.name == Case.Kind.COLLECTION:
        links = Content.objects.filter(collection=target_id)
        return Q(kind=Case.Kind.LINK, thing_id__in=links.values("pk"))
    return Q()


def erase_texts(cases):
    """Erase the texts of a deleted account from decided `cases` (a queryset).

    The decision, its time and the reporters' notes remain.
    """
    Report.objects.filter(case__in=cases).update(copy={})
    cases.update(title="", statement="", reason="")


def erase_person(person):
    """Erase the texts of `person`, who is about to be deleted, from decided cases.

    Open cases keep them until the decision, so that deleting an account does not prevent one.
    """
    erase_texts(Case.objects.decided().filter(author=person))


def read_message(report, *, by):
    """Return the copy of the message in `report`, and log that `by` read it."""
    log_action(by=by, target=report.case, action=CaseAction.MESSAGE_READ, reason="")
    return report.copy

"""What staff decide about a case: done, written down and told, once.

A case is closed by the record of an act on its target, from wherever it was done: so one decision
closes all reports, and a link hidden on its own page waits in no queue.
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
from collections_app.access import may_moderate
from collections_app.models import Content
from moderation.models import Case, LogRecord, Report
from moderation.services import staff
from moderation.things import KINDS, thing_of
from transactions import atomically, lock_row

Decision = Case.Decision


class CaseAction(models.TextChoices):
    """What is written in the log besides `accounts.staff.CaseAction`."""

    DISMISSED = "dismissed", gettext_lazy("Dismissed reports")
    UPHELD = "upheld", gettext_lazy("Upheld on appeal")
    MESSAGE_READ = "message_read", gettext_lazy("Read a reported message")


class AlreadyDecided(Exception):
    """Somebody was faster; `case` holds what they decided."""

    def __init__(self, case):
        super().__init__(str(case))
        self.case = case


@atomically
def decide(*, case, by, decision, reason, until=None):
    """Let `by` decide `case` and do what is decided; return the case as it is now.

    `until` ends a suspension. Raises PermissionDenied for who may not, ValidationError for what
    cannot be done, and AlreadyDecided for who comes second.
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
    """Return what can be decided about `case`."""
    if case.is_appeal:
        return [Decision.UPHELD, Decision.RESTORED]
    hide = [Decision.HIDDEN] if KINDS[case.kind].can_be_hidden else []
    return [Decision.DISMISSED, *hide, Decision.SUSPENDED]


def check_may_decide(*, case, by, decision=None):
    """Raise PermissionDenied, with the sentence that says why, unless `by` may decide `case`.

    Nobody decides what is their own. Who hid a target decides no appeal against it, where somebody
    else can.
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
    changes_thing = decision in {Decision.HIDDEN, Decision.RESTORED}
    if changes_thing and not may_moderate(by, KINDS[case.kind].model):
        raise PermissionDenied(_("Your account may not hide or restore this."))


def hidden_by(case):
    """Return the key of who hid what an appeal is about, or None."""
    hidings = LogRecord.objects.about(KINDS[case.kind].label, case.thing_id)
    return hidings.filter(act=StaffAction.HIDDEN).values_list("staff_id", flat=True).first()


def _others(by, case):
    return staff().visible().exclude(pk__in=[by.pk, case.author_id or by.pk])


def dismiss(case, *, by, reason, until):
    _close_by_word(case, Decision.DISMISSED, CaseAction.DISMISSED, by=by, reason=reason)


def uphold(case, *, by, reason, until):
    _close_by_word(case, Decision.UPHELD, CaseAction.UPHELD, by=by, reason=reason)


def _close_by_word(case, decision, act, *, by, reason):
    """Close a case about whose target nothing is done."""
    case = lock_open(case)
    close(case, decision, by=by, reason=reason)
    log_action(by=by, target=recorded_thing(case), action=act, reason=reason)


def recorded_thing(case):
    """Return what the log names: not a message, whose recipient is who reported it."""
    return case if case.kind == Case.Kind.MESSAGE else thing_of(case) or case


def hide(case, *, by, reason, until):
    target = _locked_thing(case)
    lock_open(case)
    if not collections.hide(target=target, by=by, reason=reason):
        raise ValidationError(_("It is hidden already: dismiss the reports."))


def restore(case, *, by, reason, until):
    target = _locked_thing(case)
    lock_open(case)
    if not collections.restore(target=target, by=by, reason=reason):
        raise ValidationError(_("It is not hidden any more."))


def suspend(case, *, by, reason, until):
    try:
        person = case.author and accounts.lock_with_others(case.author)
    except get_user_model().DoesNotExist:
        person = None
    if person is None:
        raise ValidationError(_("The account is deleted: there is nobody to suspend."))
    case = lock_open(case)
    accounts.suspend(person=person, by=by, reason=reason, until=until)
    case.refresh_from_db()
    if case.is_open:  # what is reported is not the person but something of theirs
        close(case, Decision.SUSPENDED, by=by, reason=reason)


EXECUTE = {
    Decision.DISMISSED: dismiss,
    Decision.HIDDEN: hide,
    Decision.SUSPENDED: suspend,
    Decision.UPHELD: uphold,
    Decision.RESTORED: restore,
}


def _locked_thing(case):
    target = thing_of(case)
    row = target and lock_row(target)
    if row is None:
        if case.is_appeal:
            raise ValidationError(_("It has been deleted: it can only stay hidden."))
        raise ValidationError(_("It has been deleted: dismiss the reports, or suspend its author."))
    return row


def lock_open(case):
    """Return `case` as it is now, locked; AlreadyDecided where somebody was faster."""
    row = Case.objects.select_for_update().get(pk=case.pk)
    if not row.is_open:
        raise AlreadyDecided(row)
    return row


def close(case, decision, *, by, reason):
    """Write down what became of a locked case."""
    case.decision, case.reason = decision, reason
    case.decided_by, case.decided_at = by, timezone.now()
    case.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
    if case.author_id is None:
        forget(Case.objects.filter(pk=case.pk))


# Which cases an act on a target closes (reports, appeals or both), and as what.
CLOSING = {
    StaffAction.HIDDEN: ([False], Decision.HIDDEN),
    StaffAction.SUSPENDED: ([False], Decision.SUSPENDED),
    StaffAction.RESTORED: ([True], Decision.RESTORED),
    StaffAction.DELETED: ([False, True], Decision.DELETED),
}


def close_after(act, kind, thing_id, *, by, reason):
    """Close the open cases that an act of staff on a target answers."""
    appeals, decision = CLOSING[act]
    about = Q(kind=kind.name, thing_id=thing_id)
    if act == StaffAction.DELETED:
        about |= goes_with(kind, thing_id)
    waiting = Case.objects.select_for_update().open().filter(about, is_appeal__in=appeals)
    for case in waiting.order_by("pk"):
        close(case, decision, by=by, reason=reason)


def goes_with(kind, thing_id):
    """Condition on cases about what is deleted with a target: an account's, a collection's."""
    if kind.name == Case.Kind.PERSON:
        return Q(author=thing_id)
    if kind.name == Case.Kind.COLLECTION:
        links = Content.objects.filter(collection=thing_id)
        return Q(kind=Case.Kind.LINK, thing_id__in=links.values("pk"))
    return Q()


def forget(cases):
    """Erase what decided `cases` (a queryset) tell of an account that is deleted.

    What was decided, when, and what reporters noted stays.
    """
    Report.objects.filter(case__in=cases).update(copy={})
    cases.update(title="", statement="", reason="")


def forget_person(person):
    """Erase what decided cases tell of `person`, who is about to be deleted.

    What waits for a decision is kept until then: deleting an account hides nothing.
    """
    forget(Case.objects.decided().filter(author=person))


def reported_message(report, *, by):
    """Return the copy of the message that `report` holds; that `by` read it is written down."""
    log_action(by=by, target=report.case, action=CaseAction.MESSAGE_READ, reason="")
    return report.copy

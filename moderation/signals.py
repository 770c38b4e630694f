"""What moderation hears: every act of staff, and that an account goes."""

from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete

from accounts.signals import staff_acted, staff_acts
from moderation import log
from moderation.decisions import CLOSING, CaseAction, close_after, forget_person
from moderation.services import tell_staff
from moderation.things import kind_of_model

# After these fewer cases may wait.
ENDS_WAITING = {*CLOSING, CaseAction.DISMISSED, CaseAction.UPHELD}


def connect():
    staff_acts.connect(close_cases, dispatch_uid="moderation.close_cases")
    staff_acted.connect(write_down, dispatch_uid="moderation.write_down")
    pre_delete.connect(
        person_deleted, sender=get_user_model(), dispatch_uid="moderation.person_deleted"
    )


def close_cases(sender, entry, **kwargs):
    model = entry.content_type and entry.content_type.model_class()
    kind = kind_of_model(model)
    if kind and entry.act in CLOSING:
        close_after(entry.act, kind, int(entry.object_id), by=entry.user, reason=entry.reason)


def write_down(sender, entries, **kwargs):
    """Put acts into the log; it and what tells staff are what others wait for, so it comes last."""
    log.append(entries)
    if any(entry.act in ENDS_WAITING for entry in entries):
        tell_staff()


def person_deleted(sender, instance, **kwargs):
    forget_person(instance)

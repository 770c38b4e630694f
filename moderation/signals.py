"""Receivers of staff actions and of account deletions."""

from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete

from accounts.signals import staff_action_taken, staff_actions_logged
from moderation import log
from moderation.decisions import CLOSING_ACTIONS, CaseAction, close_answered_cases, erase_person
from moderation.reportables import type_of_model
from moderation.services import notify_staff

# Actions that may reduce the number of open cases.
CASE_CLOSING = {*CLOSING_ACTIONS, CaseAction.DISMISSED, CaseAction.UPHELD}


def connect():
    staff_action_taken.connect(close_cases, dispatch_uid="moderation.close_cases")
    staff_actions_logged.connect(write_log, dispatch_uid="moderation.write_log")
    pre_delete.connect(
        person_deleted, sender=get_user_model(), dispatch_uid="moderation.person_deleted"
    )


def close_cases(sender, entry, **kwargs):
    model = entry.content_type and entry.content_type.model_class()
    target_type = type_of_model(model)
    if target_type and entry.action in CLOSING_ACTIONS:
        target_id = int(entry.object_id)
        close_answered_cases(
            entry.action, target_type, target_id, by=entry.user, reason=entry.reason
        )


def write_log(sender, entries, **kwargs):
    """Write staff actions to the log and notify staff; both take locks that come last."""
    log.append(entries)
    if any(entry.action in CASE_CLOSING for entry in entries):
        notify_staff()


def person_deleted(sender, instance, **kwargs):
    erase_person(instance)

"""What moderation hears: every act of staff, and that an account goes."""

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.db.models.signals import post_save, pre_delete

from moderation import log
from moderation.decisions import close_after, forget_person
from moderation.services import tell_staff
from moderation.things import KINDS

# Of what the admin writes down by itself, without a reason.
ACTS = {ADDITION: "added", CHANGE: "changed", DELETION: "deleted"}


def connect():
    post_save.connect(act_recorded, sender=LogEntry, dispatch_uid="moderation.act_recorded")
    pre_delete.connect(
        person_deleted, sender=get_user_model(), dispatch_uid="moderation.person_deleted"
    )


def act_recorded(sender, instance, created, raw=False, **kwargs):
    """Close the cases that an act answers, and put it into the log."""
    if raw or not created:
        return
    model = instance.content_type and instance.content_type.model_class()
    act = getattr(instance, "act", ACTS[instance.action_flag])
    reason = getattr(instance, "reason", None)
    if reason is None:
        reason = instance.get_change_message()
    kind = next((kind for kind in KINDS.values() if kind.model is model), None)
    closed = kind and close_after(act, kind, instance.object_id, by=instance.user, reason=reason)
    log.append(
        by=instance.user,
        thing=(model._meta.label_lower if model else "", instance.object_id, instance.object_repr),
        act=act,
        changes=getattr(instance, "changes", {}),
        reason=reason,
    )
    if closed:
        tell_staff()


def person_deleted(sender, instance, **kwargs):
    forget_person(instance)

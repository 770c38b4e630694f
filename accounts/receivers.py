"""Signal receivers of accounts, connected by `accounts.apps`. `signals.py` has its own signals."""

from allauth.account.signals import email_confirmed
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from stream_django.feed_manager import feed_manager

from accounts import roles, services
from accounts.signals import staff_action_taken, staff_actions_logged
from accounts.staff import StaffAction
from feeds.signals import is_own, worker_tick

ACTION_BY_FLAG = {
    ADDITION: StaffAction.ADDED,
    CHANGE: StaffAction.EDITED,
    DELETION: StaffAction.DELETED,
}
STREAM_FIELDS = ("username", "name", "email")


def connect():
    person = get_user_model()
    for receiver, signal, sender in [
        (detect_change, pre_save, person),
        (update_stream_user, post_save, person),
        (confirm_superuser, post_save, person),
        (delete_stream_user, post_delete, person),
        (sync_staff_access, m2m_changed, person.groups.through),
        (log_admin_entry, post_save, LogEntry),
        (confirm_person, email_confirmed, None),
        (unsuspend_expired, worker_tick, None),
    ]:
        signal.connect(receiver, sender=sender, dispatch_uid=f"accounts.{receiver.__name__}")


def detect_change(sender, instance, raw=False, update_fields=None, **kwargs):
    """Compare with the stored row, because the values an instance was loaded with may be old."""
    instance.stream_user_changed = False
    fields = set(STREAM_FIELDS).intersection(update_fields or STREAM_FIELDS)
    if raw or not fields or not instance.is_confirmed or not instance.pk:
        return
    row = sender.objects.filter(pk=instance.pk).values(*fields).first()
    instance.stream_user_changed = row != {field: getattr(instance, field) for field in fields}


def update_stream_user(sender, instance, **kwargs):
    if instance.stream_user_changed:
        feed_manager.set_user(instance)


def confirm_superuser(sender, instance, raw=False, **kwargs):
    if instance.is_superuser and not raw:
        services.confirm(instance)


def delete_stream_user(sender, instance, origin=None, **kwargs):
    if is_own(origin, sender):
        feed_manager.delete_user(instance)


def sync_staff_access(sender, instance, action, reverse, pk_set, **kwargs):
    """Sync staff access with the Moderators group, from whichever side it changed."""
    if not reverse:
        if action.startswith("post_"):
            roles.sync_staff(get_user_model().objects.filter(pk=instance.pk))
            instance.refresh_from_db(fields=["is_staff"])
        return
    if action == "pre_clear":  # the members are unknown afterwards
        instance.cleared = set(instance.user_set.values_list("pk", flat=True))
    elif action.startswith("post_"):
        people = instance.cleared if action == "post_clear" else pk_set
        roles.sync_staff(get_user_model().objects.filter(pk__in=people))


def log_admin_entry(sender, instance, created, raw=False, **kwargs):
    """Send the signals of staff actions for entries that the admin makes without a reason."""
    if created and not raw:
        instance.action = ACTION_BY_FLAG[instance.action_flag]
        instance.reason, instance.changes = instance.get_change_message(), {}
        staff_action_taken.send(sender=sender, entry=instance)
        staff_actions_logged.send(sender=sender, entries=[instance])


def confirm_person(sender, email_address, **kwargs):
    """Confirm the person; a changed address is saved first, which calls `update_stream_user`."""
    services.confirm(email_address.user)


def unsuspend_expired(sender, **kwargs):
    services.unsuspend_expired()

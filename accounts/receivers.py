"""What accounts hears: each receiver is connected once, by `accounts.apps`."""

from allauth.account.signals import email_confirmed
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth import get_user_model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from stream_django.feed_manager import feed_manager

from accounts import roles, services
from accounts.signals import staff_acted, staff_acts
from accounts.staff import StaffAction
from feeds.signals import is_own, worker_tick

BY_ITSELF = {ADDITION: StaffAction.ADDED, CHANGE: StaffAction.EDITED, DELETION: StaffAction.DELETED}
TOLD_TO_STREAM = ("username", "name", "email")


def connect():
    person = get_user_model()
    memberships = person.groups.through
    pre_save.connect(see_change, sender=person, dispatch_uid="accounts.see_change")
    post_save.connect(tell_stream, sender=person, dispatch_uid="accounts.tell_stream")
    post_save.connect(confirm_superuser, sender=person, dispatch_uid="accounts.confirm_superuser")
    post_delete.connect(forget_person, sender=person, dispatch_uid="accounts.forget_person")
    m2m_changed.connect(see_roles, sender=memberships, dispatch_uid="accounts.see_roles")
    # allauth sends `email_changed` too, at the first confirmation and at every later change;
    # both save the address first, which `tell_stream` hears.
    email_confirmed.connect(confirm_person, dispatch_uid="accounts.confirm_person")
    post_save.connect(see_act, sender=LogEntry, dispatch_uid="accounts.see_act")
    worker_tick.connect(lift_due, dispatch_uid="accounts.lift_due")


def see_change(sender, instance, raw=False, update_fields=None, **kwargs):
    """Compare with the row itself: what an instance was loaded with may be long out of date."""
    instance.stream_user_changed = False
    told = set(TOLD_TO_STREAM).intersection(update_fields or TOLD_TO_STREAM)
    if raw or not told or not instance.is_confirmed or not instance.pk:
        return
    row = sender.objects.filter(pk=instance.pk).values(*told).first()
    instance.stream_user_changed = row != {field: getattr(instance, field) for field in told}


def tell_stream(sender, instance, **kwargs):
    if instance.stream_user_changed:
        feed_manager.set_user(instance)


def confirm_superuser(sender, instance, raw=False, **kwargs):
    if instance.is_superuser and not raw:
        services.confirm(instance)


def forget_person(sender, instance, origin=None, **kwargs):
    if is_own(origin, sender):
        feed_manager.delete_user(instance)


def see_roles(sender, instance, action, reverse, pk_set, **kwargs):
    """Keep staff access in step with the Moderators group, from whichever side it changed."""
    if not reverse:
        if action.startswith("post_"):
            roles.sync_staff(get_user_model().objects.filter(pk=instance.pk))
            instance.refresh_from_db(fields=["is_staff"])
        return
    if action == "pre_clear":  # afterwards nobody can tell who was in it
        instance.cleared = set(instance.user_set.values_list("pk", flat=True))
    elif action.startswith("post_"):
        people = instance.cleared if action == "post_clear" else pk_set
        roles.sync_staff(get_user_model().objects.filter(pk__in=people))


def see_act(sender, instance, created, raw=False, **kwargs):
    """Tell of what the admin writes down by itself, for which it asks no reason."""
    if created and not raw:
        instance.act = BY_ITSELF[instance.action_flag]
        instance.reason, instance.changes = instance.get_change_message(), {}
        staff_acts.send(sender=sender, entry=instance)
        staff_acted.send(sender=sender, entries=[instance])


def confirm_person(sender, email_address, **kwargs):
    services.confirm(email_address.user)


def lift_due(sender, **kwargs):
    services.lift_due()

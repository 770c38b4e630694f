"""Receivers that notify the recipient of each change of a message."""

from django.contrib.auth import get_user_model
from django.db.models.signals import post_delete, post_save, pre_delete

from messaging import services
from messaging.models import Message


def connect():
    """Connect every receiver, once; `messaging.apps` calls it."""
    post_save.connect(message_saved, sender=Message, dispatch_uid="messaging.message_saved")
    post_delete.connect(message_deleted, sender=Message, dispatch_uid="messaging.message_deleted")
    pre_delete.connect(
        person_leaving, sender=get_user_model(), dispatch_uid="messaging.person_leaving"
    )


def message_saved(sender, instance, raw=False, **kwargs):
    if not raw and instance.recipient:
        services.notify_unread_count(instance.recipient)


def message_deleted(sender, instance, **kwargs):
    if instance.recipient:
        services.notify_unread_count(instance.recipient)


def person_leaving(sender, instance, **kwargs):
    services.delete_all(instance)

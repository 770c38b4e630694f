"""What this app tells the feeds, and what it hears."""

from django.contrib.auth import get_user_model
from django.db.models.signals import post_delete, post_save, pre_delete
from stream_django.feed_manager import feed_manager

from accounts.signals import person_lifted, person_suspended
from collections_app import publishing
from collections_app.models import Collection, Content
from feeds.signals import activity_delivered, is_own


def connect():
    """Connect every receiver, once; `collections_app.apps` calls it."""
    person = get_user_model()
    for receiver, signal, sender in [
        (collection_saved, post_save, Collection),
        (collection_deleted, post_delete, Collection),
        (link_saved, post_save, Content),
        (link_deleted, post_delete, Content),
        (person_deleted, pre_delete, person),
        (suspended, person_suspended, person),
        (lifted, person_lifted, person),
        (delivered, activity_delivered, Collection),
        (delivered, activity_delivered, Content),
    ]:
        uid = f"collections_app.{receiver.__name__}.{sender.__name__}"
        signal.connect(receiver, sender=sender, dispatch_uid=uid)


def collection_saved(sender, instance, created, raw=False, **kwargs):
    if not raw:
        feed_manager.set_object(instance)
    feed_manager.saved(instance, created=created, raw=raw)


def collection_deleted(sender, instance, origin, **kwargs):
    if is_own(origin, sender):
        publishing.withdraw(instance)


def link_saved(sender, instance, created, raw=False, **kwargs):
    feed_manager.saved(instance, created=created, raw=raw)


def link_deleted(sender, instance, origin, **kwargs):
    if is_own(origin, sender):
        publishing.withdraw(instance)


def person_deleted(sender, instance, origin, **kwargs):
    if is_own(origin, sender):
        publishing.withdraw_person(instance)


def suspended(sender, person, **kwargs):
    publishing.withdraw_person(person)


def lifted(sender, person, **kwargs):
    publishing.publish_person(person)


def delivered(sender, pk, stream_id, **kwargs):
    sender.objects.filter(pk=pk).update(stream_id=stream_id)

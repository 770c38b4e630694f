"""Publish what happens to collections and links, and react to what happens to people."""

from django.contrib.auth import get_user_model
from django.db.models import Case, Value, When
from django.db.models.signals import post_save, pre_delete
from stream_django.feed_manager import feed_manager

from accounts.signals import person_blocked, person_concerned, person_lifted, person_suspended
from collections_app import imports, publishing
from collections_app.models import Collection, Content, SavedLink, Saving
from feeds.signals import activity_delivered, is_own, worker_tick
from previews.services import prune_pictures


def connect():
    """Connect every receiver, once; `collections_app.apps` calls it.

    Deletions are received before they happen, while related rows still exist.
    """
    person = get_user_model()
    for receiver, signal, sender in [
        (collection_saved, post_save, Collection),
        (collection_deleted, pre_delete, Collection),
        (link_saved, post_save, Content),
        (link_deleted, pre_delete, Content),
        (saved_link_saved, post_save, SavedLink),
        (saving_saved, post_save, Saving),
        (person_deleted, pre_delete, person),
        (concerned, person_concerned, person),
        (suspended, person_suspended, person),
        (lifted, person_lifted, person),
        (blocked, person_blocked, person),
        (delivered, activity_delivered, Collection),
        (delivered, activity_delivered, Content),
    ]:
        uid = f"collections_app.{receiver.__name__}.{sender.__name__}"
        signal.connect(receiver, sender=sender, dispatch_uid=uid)
    worker_tick.connect(requeue_lost, dispatch_uid="collections_app.requeue_lost")
    worker_tick.connect(prune, dispatch_uid="collections_app.prune")


def collection_saved(sender, instance, created, raw=False, **kwargs):
    if not raw:
        feed_manager.set_object(instance)
    feed_manager.saved(instance, created=created, raw=raw)


def collection_deleted(sender, instance, origin, **kwargs):
    if is_own(origin, sender):
        publishing.unpublish(instance)


def link_saved(sender, instance, created, raw=False, **kwargs):
    feed_manager.saved(instance, created=created, raw=raw)
    if not created and not raw:
        for saved_link in SavedLink.objects.filter(pk=instance.pk):
            feed_manager.set_object(saved_link)


def saved_link_saved(sender, instance, raw=False, **kwargs):
    if not raw:
        feed_manager.set_object(instance)


def saving_saved(sender, instance, created, raw=False, **kwargs):
    feed_manager.saved(instance, created=created, raw=raw)


def link_deleted(sender, instance, origin, **kwargs):
    if is_own(origin, sender):
        publishing.unpublish(instance)


def person_deleted(sender, instance, origin, **kwargs):
    if is_own(origin, sender):
        publishing.unpublish_person(instance)


def concerned(sender, person, **kwargs):
    imports.lock(person)
    return ()


def suspended(sender, person, **kwargs):
    publishing.unpublish_person(person)


def lifted(sender, person, **kwargs):
    publishing.republish_person(person)


def blocked(sender, blocker, blocked, **kwargs):
    publishing.remove_ties_between(blocker, blocked)


def delivered(sender, ids, **kwargs):
    stream_ids = Case(*(When(pk=pk, then=Value(stream_id)) for pk, stream_id in ids.items()))
    sender.objects.filter(pk__in=ids).update(stream_id=stream_ids)


def requeue_lost(sender, **kwargs):
    imports.requeue_lost()


def prune(sender, **kwargs):
    prune_pictures()
    imports.prune_results()

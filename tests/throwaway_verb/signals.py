from django.db.models.signals import post_save, pre_delete
from stream_django.feed_manager import feed_manager

from tests.throwaway_verb.models import Recommendation


def connect():
    post_save.connect(saved, sender=Recommendation, dispatch_uid="throwaway_verb.saved")
    pre_delete.connect(deleted, sender=Recommendation, dispatch_uid="throwaway_verb.deleted")


def saved(sender, instance, created, raw=False, **kwargs):
    feed_manager.saved(instance, created=created, raw=raw)


def deleted(sender, instance, **kwargs):
    feed_manager.deleted(instance)

"""The pause of the workers while Stream is unreachable, recorded for monitoring."""

from datetime import timedelta

from django.utils import timezone
from stream_django.client import stream_client

from feeds.models import Pause

# A paused worker records its pause again within this time; one that died does not.
RENEWAL = timedelta(minutes=3)


def record_pause(seconds=0):
    """Record that a worker will try again after `seconds`."""
    until = timezone.now() + timedelta(seconds=seconds) + RENEWAL
    destination = stream_client.api_key
    Pause.objects.update_or_create(destination=destination, defaults={"until": until})


def end_pause():
    Pause.objects.here().delete()


def is_paused():
    return Pause.objects.here().filter(until__gt=timezone.now()).exists()

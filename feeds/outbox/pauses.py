"""The pause of the workers while Stream is unreachable, recorded for monitoring."""

from datetime import timedelta

from django.utils import timezone

from feeds.models import Pause
from feeds.outbox.claims import current_destination

# A paused worker records its pause again within this time; one that died does not.
RENEWAL = timedelta(minutes=3)


def record_pause(seconds=0):
    """Record that a worker will try again after `seconds`."""
    until = timezone.now() + timedelta(seconds=seconds) + RENEWAL
    Pause.objects.update_or_create(destination=current_destination(), defaults={"until": until})


def end_pause():
    Pause.objects.filter(destination=current_destination()).delete()


def is_paused():
    now = timezone.now()
    return Pause.objects.filter(destination=current_destination(), until__gt=now).exists()

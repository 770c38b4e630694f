"""Whether workers pause, as Stream is out of reach: noted for whoever watches over the site."""

from datetime import timedelta

from django.utils import timezone

from feeds.claims import current_destination
from feeds.models import Pause

# A worker that pauses says so again within this time; one that is gone no longer does.
SILENCE = timedelta(minutes=3)


def note_pause(seconds=0):
    """Note that a worker will try again after `seconds`."""
    until = timezone.now() + timedelta(seconds=seconds) + SILENCE
    Pause.objects.update_or_create(destination=current_destination(), defaults={"until": until})


def end_pause():
    Pause.objects.filter(destination=current_destination()).delete()


def is_paused():
    now = timezone.now()
    return Pause.objects.filter(destination=current_destination(), until__gt=now).exists()

"""What is kept for some days only leaves in passing: no job has to run for it."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone


def drop_old(oldest, moment, *, days, most):
    """Delete of `oldest`, rows in the order of their age, those of which `moment` is too old.

    At most so many: so no call takes long. Whoever drops at the same time drops others, and waits
    for nobody.
    """
    before = timezone.now() - timedelta(days=days)
    rows = oldest.values_list("pk", moment)[:most]
    old = oldest.model.objects.filter(pk__in=[key for key, when in rows if when < before])
    locked = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True))
    old.model.objects.filter(pk__in=locked)._raw_delete(connection.alias)

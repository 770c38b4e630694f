"""The app's settings with their defaults, read lazily."""

from django.conf import settings

DEFAULTS = {
    # Reports that one person can make within 24 hours.
    "REPORTS_PER_DAY": 20,
}


def get(name):
    return getattr(settings, name, DEFAULTS[name])

"""The app's settings, read when they are asked for, with their defaults."""

from django.conf import settings

DEFAULTS = {
    # How many reports one person can make within 24 hours.
    "REPORTS_PER_DAY": 20,
}


def get(name):
    return getattr(settings, name, DEFAULTS[name])

"""The app's settings with their defaults, read lazily, and the policies they name."""

from django.conf import settings
from django.utils.module_loading import import_string

DEFAULTS = {
    # In characters; the database allows MAX_BODY_LENGTH.
    "MESSAGE_MAX_LENGTH": 140,
    "MESSAGES_PER_PAGE": 25,
    "MESSAGES_PER_MINUTE": 20,
    "MESSAGES_PER_DAY": 200,
    "MESSAGING_MAY_SEND": "messaging.policies.both_active",
    "MESSAGING_RATES": "messaging.policies.rates",
}
MAX_BODY_LENGTH = 4000


def get(name):
    return getattr(settings, name, DEFAULTS[name])


def check_may_send(sender, recipient):
    """Call MESSAGING_MAY_SEND, which raises an exception unless `sender` may write to `recipient`.

    PermissionDenied has the reason; Http404 hides that there is such a person.
    """
    import_string(get("MESSAGING_MAY_SEND"))(sender, recipient)


def rates(sender, recipient):
    """Call MESSAGING_RATES for the limits of messages from `sender`, the next to `recipient`.

    Return pairs of a name and a rate such as "20/m", the shortest period first.
    """
    return import_string(get("MESSAGING_RATES"))(sender, recipient)

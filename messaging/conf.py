"""The app's settings, read when they are asked for, with their defaults."""

from django.conf import settings
from django.utils.module_loading import import_string

DEFAULTS = {
    # Characters a message may have; the database holds LONGEST_BODY at most.
    "MESSAGE_MAX_LENGTH": 140,
    "MESSAGES_PER_PAGE": 25,
    "MESSAGES_PER_MINUTE": 20,
    "MESSAGES_PER_DAY": 200,
    "MESSAGING_MAY_SEND": "messaging.policies.both_active",
    "MESSAGING_RATES": "messaging.policies.rates",
}
LONGEST_BODY = 4000


def get(name):
    return getattr(settings, name, DEFAULTS[name])


def check_may_send(sender, recipient):
    """Ask the project whether `sender` may write to `recipient`.

    Raises PermissionDenied with the sentence that says why not, Http404 where `sender` may not
    know that there is such a person.
    """
    import_string(get("MESSAGING_MAY_SEND"))(sender, recipient)


def rates(sender, recipient):
    """Ask the project how many messages `sender` may send, before it is one to `recipient`.

    Pairs of the name of what is counted and a rate such as "20/m", the shortest time first.
    """
    return import_string(get("MESSAGING_RATES"))(sender, recipient)

"""Default policies: who may write to whom, and how often."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from messaging import conf


def both_active(sender, recipient):
    """Default of MESSAGING_MAY_SEND."""
    if not (sender.is_active and recipient.is_active):
        raise PermissionDenied(_("This person cannot be contacted."))


def rates(sender, recipient):
    """Default of MESSAGING_RATES."""
    return [
        ("messages a minute", f"{conf.get('MESSAGES_PER_MINUTE')}/m"),
        ("messages a day", f"{conf.get('MESSAGES_PER_DAY')}/d"),
    ]

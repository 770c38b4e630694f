"""Rules that combine several apps.

Where an app needs an answer from code it may not import, a setting names one of these functions.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import check_may_contact
from collections_app.models import Collection
from feeds.stream import groups
from follows.models import Follow
from messaging import policies as messaging

NEW_ACCOUNT_PERIOD = timedelta(days=1)


def may_read_feed(user, group, feed_id):
    """Return whether `user` may see the page that shows the feed `group:feed_id`."""
    if not feed_id.isdecimal() or len(feed_id) > 18:
        return False
    if group in groups.private():
        return user.is_authenticated and feed_id == str(user.pk)
    if group == "user":
        return get_user_model().objects.visible().filter(pk=feed_id).exists()
    if group == "collection":
        return Collection.objects.visible().filter(pk=feed_id).exists()
    return False


def may_send_message(sender, recipient):
    """Raise Http404 or PermissionDenied with a message unless `sender` may write to `recipient`."""
    if not (recipient.is_active and recipient.is_confirmed):
        raise Http404
    if not sender.has_perm("messaging.add_message"):
        if not sender.is_confirmed:
            raise PermissionDenied(_("Confirm your e-mail address first: then you can write."))
        raise PermissionDenied(_("Your account may not write messages."))
    if sender.is_suspended:  # since the page was loaded
        raise PermissionDenied(_("Your account is suspended."))
    check_may_contact(by=sender, person=recipient)


def message_rates(sender, recipient):
    """Return the rate limits of a message. New accounts get one more: messages to non-followers."""
    rates = messaging.rates(sender, recipient)
    is_new_account = sender.date_joined > timezone.now() - NEW_ACCOUNT_PERIOD
    if is_new_account and not Follow.objects.is_following(recipient, sender):
        rates.append(("messages to strangers", f"{settings.MESSAGES_TO_STRANGERS_PER_DAY}/d"))
    return rates

"""Access to conversations and messages; Http404 otherwise."""

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from messaging import conf
from messaging.conversations import Conversation
from messaging.models import Message


def conversation_with(user, username):
    """Return the Conversation, possibly empty, of `user` with the person called `username`."""
    people = get_user_model()
    if "\x00" in username:  # PostgreSQL refuses the query
        raise Http404
    try:
        person = people._default_manager.get_by_natural_key(username)
    except people.DoesNotExist:
        raise Http404
    if person == user:
        raise Http404
    return Conversation(user, person)


def refusal(conversation):
    """Return the reason why the reader cannot write, "" if they can.

    Raises PermissionDenied or Http404 instead if there are no messages yet.
    """
    try:
        conf.check_may_send(conversation.reader, conversation.person)
    except (PermissionDenied, Http404) as error:
        if not conversation.exists():
            raise
        return str(error) or _("This person cannot be contacted.")
    return ""


def own_message(user, pk):
    """Return a message that `user` sent or received and did not delete."""
    return get_object_or_404(Message.objects.visible_to(user), pk=pk)

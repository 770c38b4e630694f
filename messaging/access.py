"""This person, or this message, if this person may; 404 otherwise."""

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from messaging import conf
from messaging.conversations import Conversation
from messaging.models import Message


def conversation_with(user, username):
    """Return the Conversation of `user` with whoever is called `username`, which may be empty."""
    people = get_user_model()
    try:
        person = people._default_manager.get_by_natural_key(username)
    except people.DoesNotExist:
        raise Http404
    if person == user:
        raise Http404
    return Conversation(user, person)


def readable_conversation(user, username):
    """Return a Conversation, and the sentence that says why `user` cannot write on, or "".

    Where nothing was written yet, PermissionDenied says it, or Http404.
    """
    conversation = conversation_with(user, username)
    try:
        conf.check_may_send(user, conversation.person)
    except (PermissionDenied, Http404) as refusal:
        if not conversation.exists():
            raise
        return conversation, str(refusal)
    return conversation, ""


def own_message(user, pk):
    """Return a message that `user` sent or received, and did not delete."""
    return get_object_or_404(Message.objects.seen_by(user), pk=pk)

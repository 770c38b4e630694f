"""What can be reported: people, collections, links and received messages, each in its own way."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.access import visible_person
from collections_app.access import readable_collection, readable_link
from collections_app.models import Collection, Content
from messaging.models import Message
from moderation.models import Case


@dataclass(frozen=True)
class Kind:
    """How things of one kind are found, named and copied.

    `find(user, pk)` returns what `user` may see, or raises Http404. `copy(target)` returns texts by
    field: what a report keeps. `author(target)` is whose it is, None for a deleted account.
    """

    name: str
    model: type[models.Model]
    find: Callable
    author: Callable
    title: Callable
    copy: Callable
    can_be_hidden: bool = False

    @property
    def label(self):
        """How the log names the model ("app.model")."""
        return self.model._meta.label_lower

    def rows(self):
        """Return every target of this kind, seen by readers or not."""
        return self.model._base_manager.all()


def find_person(user, pk):
    person = get_object_or_404(get_user_model(), pk=pk)
    return visible_person(user, person.username)


def find_message(user, pk):
    """Return a message that `user` received: one's own are nothing to report."""
    return get_object_or_404(Message.objects.received_by(user).select_related("sender"), pk=pk)


def copy_person(person):
    return {"username": person.username, "name": person.name, "about": person.about}


def copy_collection(collection):
    return {**collection.texts, "author": collection.author.username}


def copy_link(link):
    return {**link.texts, "collection": link.collection.name, "author": link.author.username}


def copy_message(message):
    return {
        "sender": str(message.sender or ""),
        "sent": message.sent_at.isoformat(timespec="seconds"),
        "body": message.body,
    }


def title_of_message(message):
    """Return who sent a message, which tells nothing of what is in it."""
    return f"@{message.sender.username}" if message.sender else ""


KINDS = {
    kind.name: kind
    for kind in [
        Kind(
            name=Case.Kind.PERSON.value,
            model=get_user_model(),
            find=find_person,
            author=lambda person: person,
            title=lambda person: f"@{person.username}",
            copy=copy_person,
        ),
        Kind(
            name=Case.Kind.COLLECTION.value,
            model=Collection,
            find=readable_collection,
            author=lambda collection: collection.author,
            title=str,
            copy=copy_collection,
            can_be_hidden=True,
        ),
        Kind(
            name=Case.Kind.LINK.value,
            model=Content,
            find=readable_link,
            author=lambda link: link.author,
            title=str,
            copy=copy_link,
            can_be_hidden=True,
        ),
        Kind(
            name=Case.Kind.MESSAGE.value,
            model=Message,
            find=find_message,
            author=lambda message: message.sender,
            title=title_of_message,
            copy=copy_message,
        ),
    ]
}


def kind_named(name):
    """Return the Kind `name`; Http404 where there is none."""
    if name not in KINDS:
        raise Http404
    return KINDS[name]


def kind_of(target):
    """Return the Kind of `target`, None for what cannot be reported."""
    return kind_of_model(target.__class__)  # a request's person is of a lazy type


def kind_of_model(model):
    return next((kind for kind in KINDS.values() if kind.model is model), None)


def thing_of(case):
    """Return what `case` is about, as it is now, or None when it is gone."""
    return KINDS[case.kind].rows().filter(pk=case.thing_id).first()

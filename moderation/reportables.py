"""The types of target that can be reported: people, collections, links, received messages."""

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
class ReportableType:
    """A type of target: how to find, name and copy it. `name` is one of Case.Kind.

    `find(user, pk)` returns a target that `user` may see, or raises Http404. `copy(target)` returns
    the texts by field that a report keeps. `author(target)` is None for a deleted account.
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
        """Return the model's label in the log ("app.model")."""
        return self.model._meta.label_lower

    def rows(self):
        """Return all rows of the model, visible or not."""
        return self.model._base_manager.all()


def find_person(user, pk):
    person = get_object_or_404(get_user_model(), pk=pk)
    return visible_person(user, person.username)


def find_message(user, pk):
    """Return a message that `user` received; nobody reports their own."""
    return get_object_or_404(Message.objects.received_by(user).select_related("sender"), pk=pk)


def copy_person(person):
    return {"username": person.username, "name": person.name, "about": person.about}


def copy_collection(collection):
    author = collection.author.username
    return {"name": collection.name, "description": collection.description, "author": author}


def copy_link(link):
    texts = {"url": link.url, "title": link.title, "description": link.description}
    return {**texts, "collection": link.collection.name, "author": link.author.username}


def copy_message(message):
    return {
        "sender": str(message.sender or ""),
        "sent": message.sent_at.isoformat(timespec="seconds"),
        "body": message.body,
    }


def title_of_message(message):
    """Return the sender of a message: the title must not reveal its text."""
    return f"@{message.sender.username}" if message.sender else ""


REPORTABLE_TYPES = {
    target_type.name: target_type
    for target_type in [
        ReportableType(
            name=Case.Kind.PERSON.value,
            model=get_user_model(),
            find=find_person,
            author=lambda person: person,
            title=lambda person: f"@{person.username}",
            copy=copy_person,
        ),
        ReportableType(
            name=Case.Kind.COLLECTION.value,
            model=Collection,
            find=readable_collection,
            author=lambda collection: collection.author,
            title=str,
            copy=copy_collection,
            can_be_hidden=True,
        ),
        ReportableType(
            name=Case.Kind.LINK.value,
            model=Content,
            find=readable_link,
            author=lambda link: link.author,
            title=str,
            copy=copy_link,
            can_be_hidden=True,
        ),
        ReportableType(
            name=Case.Kind.MESSAGE.value,
            model=Message,
            find=find_message,
            author=lambda message: message.sender,
            title=title_of_message,
            copy=copy_message,
        ),
    ]
}


def reportable_type(name):
    """Return the ReportableType called `name`; raise Http404 if there is none."""
    if name not in REPORTABLE_TYPES:
        raise Http404
    return REPORTABLE_TYPES[name]


def type_of(target):
    """Return the ReportableType of `target`, None if it cannot be reported."""
    return type_of_model(target.__class__)  # not type(): `request.user` is a lazy object


def type_of_model(model):
    return next((each for each in REPORTABLE_TYPES.values() if each.model is model), None)


def get_target(case):
    """Return the current target of `case`, or None if it is gone."""
    return REPORTABLE_TYPES[case.kind].rows().filter(pk=case.thing_id).first()

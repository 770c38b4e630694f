"""What is found of each target, and how the index is kept."""

from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from collections_app.models import Collection, Content
from search import full_text
from search.models import CollectionEntry, LinkEntry, PersonEntry
from search.words import whole, words, words_of_address
from transactions import atomically, lock_rows

AT_ONCE = 500


class Texts(NamedTuple):
    """Lists of words: of each name, of each other text, and of what else is as good as a name."""

    names: list
    others: list
    aliases: list = ()


class Indexed(NamedTuple):
    """The model of entries, what is found of a target, and the fields that this is made from."""

    entries: type
    texts: object
    fields: frozenset


def of_person(person):
    return Texts(names=[words(person.username), words(person.name)], others=[words(person.about)])


def of_collection(collection):
    return Texts(names=[words(collection.name)], others=[words(collection.description)])


def of_link(link):
    address = words_of_address(link.url)
    return Texts(
        names=[words(link.title)],
        others=[words(link.description), address, words(link.host)],
        aliases=[address],
    )


INDEXED = {
    get_user_model(): Indexed(PersonEntry, of_person, frozenset({"username", "name", "about"})),
    Collection: Indexed(CollectionEntry, of_collection, frozenset({"name", "description"})),
    Content: Indexed(LinkEntry, of_link, frozenset({"title", "url", "host", "description"})),
}


@atomically
def put(model, keys):
    """Index the things of `model` with these keys; return how many there still are.

    As they are in the database, and locked: of two saves outside of a transaction, or of one while
    the index is rebuilt, the later counts.
    """
    indexed = INDEXED[model]
    rows = lock_rows(model._base_manager.filter(pk__in=keys), no_key=True)
    entries = [entry(row, indexed.entries, indexed.texts) for row in rows.values()]
    if entries:
        full_text.put(entries)
    return len(entries)


def entry(target, entries, texts):
    """Return the entry of `target`, not yet written."""
    found = texts(target)
    name = {word for each in found.names for word in each}
    every = name.union(*found.others)
    name.update(whole(each) for each in [*found.names, *found.aliases] if each)
    return entries(pk=target.pk, name=" ".join(sorted(name)), words=" ".join(sorted(every)))


def rebuild(model, *, missing=False, at_once=AT_ONCE):
    """Index every target of `model`, or what has no entry; yield how many, batch by batch.

    Each batch is a transaction of its own, so that this can be stopped and started again.
    """
    last = 0
    while keys := _next_keys(model, last, missing=missing, at_once=at_once):
        yield put(model, keys)
        last = keys[-1]


def _next_keys(model, last, *, missing, at_once):
    things = model._base_manager.filter(pk__gt=last).order_by("pk")
    if missing:
        entries = INDEXED[model].entries.objects.filter(pk=OuterRef("pk"))
        things = things.filter(~Exists(entries))
    return list(things.values_list("pk", flat=True)[:at_once])

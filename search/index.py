"""Keep the search index up to date."""

from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from collections_app.models import Collection, Content
from search import full_text
from search.models import CollectionEntry, LinkEntry, PersonEntry
from search.words import exact_name, url_words, words
from transactions import atomically, lock_rows
from transactions.batches import by_key

BATCH_SIZE = 500


class Texts(NamedTuple):
    """The words of each name, of each other text, and of texts that count as names if exact."""

    names: list
    others: list
    aliases: list = ()


class IndexedModel(NamedTuple):
    """The index of a model: the model of its entries, a function for Texts, and their fields."""

    entries: type
    texts: object
    fields: frozenset


def of_person(person):
    return Texts(names=[words(person.username), words(person.name)], others=[words(person.about)])


def of_collection(collection):
    others = _other_words(collection, Collection, "name")
    return Texts(names=[words(collection.name)], others=others)


def of_link(link):
    address = url_words(link.url)
    others = _other_words(link, Content, "url", "title")
    return Texts(
        names=[words(link.title)], others=[*others, address, words(link.host)], aliases=[address]
    )


def _other_words(row, model, *names):
    """Return the words of the texts of `row` but `names`; a migration's row may lack some."""
    others = [name for name in model.text_fields if name not in names]
    return [words(getattr(row, name, "")) for name in others]


INDEXED = {
    get_user_model(): IndexedModel(
        PersonEntry, of_person, frozenset({"username", "name", "about"})
    ),
    Collection: IndexedModel(CollectionEntry, of_collection, frozenset(Collection.text_fields)),
    Content: IndexedModel(LinkEntry, of_link, frozenset({*Content.text_fields, "host"})),
}


@atomically
def put(model, keys):
    """Index the rows of `model` with these keys; return how many still exist.

    The rows are read again and locked, so that the later of two concurrent saves is indexed, also
    during a rebuild.
    """
    indexed = INDEXED[model]
    rows = lock_rows(model._base_manager.filter(pk__in=keys), no_key=True)
    entries = [entry(row, indexed.entries, indexed.texts) for row in rows.values()]
    if entries:
        full_text.put(entries)
    return len(entries)


def entry(target, entries, texts):
    """Return an unsaved entry for `target`."""
    content = texts(target)
    name = {word for part in content.names for word in part}
    every = name.union(*content.others)
    name.update(exact_name(part) for part in [*content.names, *content.aliases] if part)
    return entries(pk=target.pk, name=" ".join(sorted(name)), words=" ".join(sorted(every)))


def rows_to_index(model, *, missing=False):
    """Return all rows of `model`, or those without an entry."""
    rows = model._base_manager.only("pk")
    if not missing:
        return rows
    return rows.filter(~Exists(INDEXED[model].entries.objects.filter(pk=OuterRef("pk"))))


def rebuild(model, *, missing=False, batch_size=BATCH_SIZE):
    """Index all rows of `model`, or those without an entry; yield the number in each batch.

    Each batch is a transaction of its own, so that a rebuild can be stopped and repeated.
    """
    for batch in by_key(rows_to_index(model, missing=missing), batch_size):
        yield put(model, [row.pk for row in batch])

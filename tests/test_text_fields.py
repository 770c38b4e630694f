"""Each text in a model's `text_fields` reaches every place that reads the list."""

import io
import json
import zipfile

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse

from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app.models import Collection, Content
from collections_app.tests.factories import CollectionFactory, ContentFactory
from moderation.models import LogRecord, Report
from search.finding import find
from search.words import Query

pytestmark = pytest.mark.django_db

MODELS = [Collection, Content]
TEXT_FIELDS = [(model, name) for model in MODELS for name in model.text_fields]
KINDS = {Collection: "collection", Content: "link"}
EDIT_URLS = {Collection: "collections:edit", Content: "collections:edit_link"}


def word_for(name):
    return f"quokka{name}".replace("_", "")


def make_texts(model):
    """Return texts by field that contain the word of their field."""
    words = {name: word_for(name) for name in model.text_fields}
    return {
        name: f"https://{word}.example/" if name == "url" else word for name, word in words.items()
    }


def edit(client, person, row, texts):
    client.force_login(person)
    client.post(reverse(EDIT_URLS[type(row)], args=[row.pk]), texts)


@pytest.fixture
def author():
    return UserFactory()


@pytest.fixture
def make_row(author):
    def make(model):
        collection = CollectionFactory(author=author)
        return collection if model is Collection else ContentFactory(collection=collection)

    return make


@pytest.mark.parametrize("model", MODELS)
def test_every_editable_text_is_listed(model):
    fields = [field for field in model._meta.get_fields() if getattr(field, "editable", False)]
    texts = {
        field.name for field in fields if isinstance(field, models.CharField | models.TextField)
    }
    assert texts == set(model.text_fields), f"{model.__name__}.text_fields does not list all texts"


@pytest.mark.parametrize(("model", "name"), TEXT_FIELDS)
def test_text_reaches_every_place(client, author, make_row, model, name):
    row, texts, word = make_row(model), make_texts(model), word_for(name)
    old = row.texts
    edit(client, author, row, texts)
    assert model.objects.get(pk=row.pk).texts[name] == texts[name], "not saved by the edit form"

    hits = find(Query(word), AnonymousUser())
    assert row.pk in [hit.pk for hit in hits[f"{KINDS[model]}s"]], "not in the search index"

    files = export(client, author)
    for file, content in files.items():
        assert word in content, f"not in {file} of the export"
    (collection,) = json.loads(files["everything.json"])["collections"]
    exported = collection if model is Collection else collection["links"][0]
    assert exported[name] == texts[name], "not a field of everything.json"

    report(client, UserFactory(), row)
    assert Report.objects.get().copy.get(name) == texts[name], "not copied by a report"

    edit(client, ModeratorFactory(), row, {**old, "reason": "House rules."})
    assert name in LogRecord.objects.latest("position").changes, "not in the log of staff actions"


def export(client, person):
    client.force_login(person)
    data = client.get(reverse("download_data")).getvalue()
    archive = zipfile.ZipFile(io.BytesIO(data))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def report(client, person, row):
    client.force_login(person)
    client.post(reverse("moderation:report", args=[KINDS[type(row)], row.pk]), {"reason": "spam"})

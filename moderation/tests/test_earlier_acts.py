"""The migration that logs staff actions from before there was a log."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from collections_app.models import Content
from moderation import log
from moderation.models import LogRecord

pytestmark = pytest.mark.django_db
migration = import_module("moderation.migrations.0002_earlier_acts")


@pytest.fixture
def write(mo, link):
    """Return a function that writes an entry as it was written before."""

    def make(message):
        kind = ContentType.objects.get_for_model(Content)
        entry = LogEntry(
            user=mo,
            content_type=kind,
            object_id=str(link.pk),
            object_repr="Python",
            action_flag=CHANGE,
            change_message=message,
        )
        LogEntry.objects.bulk_create([entry])

    return make


def test_actions_and_reasons_are_separated(write):
    for message in ["Hidden: Spam: of a kind.", "Changed Title: Shouted.", '[{"changed": {}}]']:
        write(message)
    migration.take_in(apps, None)
    rows = LogRecord.objects.order_by("position").values_list("act", "reason", "thing_type")
    assert list(rows) == [
        ("hidden", "Spam: of a kind.", "collections_app.content"),
        ("edited", "Changed Title: Shouted.", "collections_app.content"),
        ("edited", "", "collections_app.content"),
    ]
    assert list(log.check()) == []

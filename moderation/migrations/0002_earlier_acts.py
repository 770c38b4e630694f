"""Take what staff did before there was a log into it, from Django's own record."""

from django.conf import settings
from django.db import migrations

from moderation.log import hash_of

ACTS = {1: "added", 2: "changed", 3: "deleted"}


def take_in(apps, schema_editor):
    LogEntry = apps.get_model("admin", "LogEntry")
    LogRecord = apps.get_model("moderation", "LogRecord")
    head = apps.get_model("moderation", "LogHead")(pk=1)
    entries = LogEntry.objects.select_related("user", "content_type").order_by("action_time", "pk")
    batch = []
    for entry in entries.iterator(chunk_size=1000):
        record = LogRecord(
            position=head.position + 1,
            made_at=entry.action_time,
            staff_id=entry.user_id,
            staff_name=entry.user.username,
            act=ACTS[entry.action_flag],
            thing_type=type_of(entry.content_type),
            thing_id=(entry.object_id or "")[:64],
            thing_text=entry.object_repr,
            changes={},
            reason=entry.change_message,
            previous_hash=head.hash,
        )
        record.hash = hash_of(record, settings.SECRET_KEY)
        head.position, head.hash = record.position, record.hash
        batch.append(record)
        if len(batch) == 1000:
            LogRecord.objects.bulk_create(batch)
            batch = []
    LogRecord.objects.bulk_create(batch)
    head.save()


def type_of(content_type):
    return f"{content_type.app_label}.{content_type.model}" if content_type else ""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(take_in, migrations.RunPython.noop, elidable=True)]

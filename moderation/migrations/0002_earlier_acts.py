"""Take what staff did before there was a log into it, from Django's own record."""

from django.conf import settings
from django.db import migrations

from moderation.log import hash_of

BY_FLAG = {1: "added", 2: "edited", 3: "deleted"}
# How acts were written before they had codes.
BY_TEXT = {
    "Hidden": "hidden",
    "Restored": "restored",
    "Deleted": "deleted",
    "Removed": "removed",
    "Suspended": "suspended",
    "Lifted suspension": "lifted",
    "Confirmed": "confirmed",
    "Removed second factor": "factor_removed",
}


def take_in(apps, schema_editor):
    LogEntry = apps.get_model("admin", "LogEntry")
    LogRecord = apps.get_model("moderation", "LogRecord")
    head = apps.get_model("moderation", "LogHead")(pk=1)
    LogRecord.objects.all().delete()  # left by a migration that was undone
    entries = LogEntry.objects.select_related("user", "content_type").order_by("action_time", "pk")
    batch = []
    for entry in entries.iterator(chunk_size=1000):
        act, reason = act_and_reason(entry)
        record = LogRecord(
            position=head.position + 1,
            made_at=entry.action_time,
            staff_id=entry.user_id,
            staff_name=entry.user.username,
            act=act,
            thing_type=type_of(entry.content_type),
            thing_id=(entry.object_id or "")[:64],
            thing_text=entry.object_repr,
            changes={},
            reason=reason,
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


def act_and_reason(entry):
    text, _colon, reason = entry.change_message.partition(": ")
    if text in BY_TEXT:
        return BY_TEXT[text], reason
    # The admin's own words are codes in JSON, and say nothing that the act does not say.
    said = "" if entry.change_message.startswith("[") else entry.change_message
    return BY_FLAG[entry.action_flag], said


def type_of(content_type):
    return f"{content_type.app_label}.{content_type.model}" if content_type else ""


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(take_in, migrations.RunPython.noop, elidable=True)]

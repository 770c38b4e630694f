"""Keep of a message's case who sent it, and of what is deleted nothing: pages make the sentence."""

from django.db import migrations
from django.db.models import Value
from django.db.models.functions import Replace

MESSAGE = "A message from "


def keep_names(apps, schema_editor):
    cases = apps.get_model("moderation", "Case").objects
    decided = cases.filter(decision__gt="", title__startswith="Deleted: ", reason="", statement="")
    decided.update(title="")
    messages = cases.filter(kind="message")
    messages.filter(title=f"{MESSAGE}a deleted account").update(title="")
    named = messages.filter(title__startswith=f"{MESSAGE}@")
    named.update(title=Replace("title", Value(MESSAGE), Value("")))


class Migration(migrations.Migration):
    dependencies = [("moderation", "0002_earlier_acts")]

    operations = [migrations.RunPython(keep_names, migrations.RunPython.noop)]

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedserver', '0004_reactions'),
    ]

    operations = [
        migrations.CreateModel(
            name='FeedLength',
            fields=[
                ('feed', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='length', serialize=False, to='feedserver.feed')),
                ('copies', models.PositiveIntegerField()),
            ],
        ),
        # What feeds hold already; those with too many are shortened when the next copy arrives.
        migrations.RunSQL(
            sql="""
                INSERT INTO feedserver_feedlength (feed_id, copies)
                SELECT feed_id, COUNT(*) FROM feedserver_feedentry
                WHERE origin_id <> feed_id GROUP BY feed_id
                """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]

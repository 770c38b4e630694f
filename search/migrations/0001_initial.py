from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models

from search.full_text import CreateIndexTable, WordsField


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0003_lists_of_staff'),
        ('collections_app', '0003_fill_host'),
    ]

    operations = [
        CreateIndexTable(
            name='CollectionEntry',
            fields=[
                ('name', WordsField()),
                ('words', WordsField()),
                ('thing', models.OneToOneField(db_column='rowid', on_delete=models.CASCADE, primary_key=True, related_name='+', serialize=False, to='collections_app.collection')),
            ],
            options={
                'verbose_name': 'search entry of collection',
                'db_table': 'search_collection',
                'abstract': False,
                'default_permissions': (),
                'indexes': [GinIndex(fastupdate=False, fields=['name'], name='search_collection_name'), GinIndex(fastupdate=False, fields=['words'], name='search_collection_words')],
            },
        ),
        CreateIndexTable(
            name='LinkEntry',
            fields=[
                ('name', WordsField()),
                ('words', WordsField()),
                ('thing', models.OneToOneField(db_column='rowid', on_delete=models.CASCADE, primary_key=True, related_name='+', serialize=False, to='collections_app.content')),
            ],
            options={
                'verbose_name': 'search entry of link',
                'db_table': 'search_link',
                'abstract': False,
                'default_permissions': (),
                'indexes': [GinIndex(fastupdate=False, fields=['name'], name='search_link_name'), GinIndex(fastupdate=False, fields=['words'], name='search_link_words')],
            },
        ),
        CreateIndexTable(
            name='PersonEntry',
            fields=[
                ('name', WordsField()),
                ('words', WordsField()),
                ('thing', models.OneToOneField(db_column='rowid', on_delete=models.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'search entry of person',
                'db_table': 'search_person',
                'abstract': False,
                'default_permissions': (),
                'indexes': [GinIndex(fastupdate=False, fields=['name'], name='search_person_name'), GinIndex(fastupdate=False, fields=['words'], name='search_person_words')],
            },
        ),
    ]

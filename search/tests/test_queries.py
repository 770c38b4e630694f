"""The first results of typical queries."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from accounts.models import User
from collections_app.models import Collection, Content
from search.finding import find
from search.tests import corpus
from search.words import Query

pytestmark = pytest.mark.django_db

MODELS = {"people": User, "collections": Collection, "links": Content}

# The query, the type of results, the first result.
FIRST_HITS = [
    # Exact names come first, regardless of followers.
    ("ana", "people", "ana"),
    ("typography", "collections", "Typography"),
    ("python", "collections", "Python"),
    ("ana lopes", "people", "ana"),
    # Whole words before prefixes.
    ("anatole", "people", "anatole"),
    ("maps", "links", "Old maps"),
    ("type", "collections", "Typography for cooks"),
    ("c", "links", "C, the standard"),
    # Names before descriptions.
    ("django", "links", "Django"),
    ("migrations", "links", "Migrations"),
    ("archive", "links", "Internet Archive"),
    ("programming", "collections", "Programming languages"),
    # Words in descriptions only.
    ("garamond", "links", "Crème brûlée menus"),
    ("librarian", "people", "elif"),
    ("archives", "collections", "Free libraries"),
    ("perfectionists", "links", "Django"),
    # Prefixes.
    ("typog", "collections", "Typography for cooks"),
    ("anat", "people", "anatole"),
    ("okaf", "people", "ben.okafor"),
    ("perfection", "links", "Django"),
    ("lib", "collections", "Free libraries"),
    # Several words must all match, in any order, in names or descriptions.
    ("cooks typography", "collections", "Typography for cooks"),
    ("tutorial python", "links", "The Python tutorial"),
    ("python postgresql", "people", "ben.okafor"),
    ("web fra", "links", "Django"),
    # Accents and case are ignored.
    ("CREME BRULEE", "links", "Crème brûlée menus"),
    ("crème brulée", "links", "Crème brûlée menus"),
    ("muller", "people", "anatole"),
    ("lodz", "people", "ana_banana"),
    ("strasse", "links", "Schriften auf der Straße"),
    ("STRASSE", "links", "Schriften auf der Straße"),
    ("straße", "links", "Schriften auf der Straße"),
    ("istanbul", "people", "elif"),
    ("ıstanbul", "people", "elif"),
    ("ince", "people", "elif"),
    ("ΣΟΦΙΑ", "people", "sofia"),
    ("αθηνα", "people", "sofia"),
    # Usernames, in full and in part.
    ("ana_banana", "people", "ana_banana"),
    ("@ben.okafor", "people", "ben.okafor"),
    ("banana", "people", "ana_banana"),
    # Addresses: a host, a part of one, a whole address with or without its scheme.
    ("djangoproject", "links", "Migrations"),
    ("djangoproject.com", "links", "Django"),
    ("https://www.djangoproject.com/", "links", "Django"),
    ("http://docs.djangoproject.com/en/5.2/topics/migrations", "links", "Migrations"),
    ("practicaltypography", "links", "Practical Typography"),
    ("https://de.wikipedia.org/wiki/Bücherei", "links", "Bücherei"),
    # Names that end in signs.
    ("C++", "links", "C++ today"),
    ("c#", "links", "C# guide"),
    ("node.js", "links", "Node.js"),
    # Scripts without spaces.
    ("日本語", "collections", "日本語の本"),
    ("文庫", "links", "青空文庫"),
    ("山田", "people", "yuki"),
    ("図書館", "people", "yuki"),
    ("本", "collections", "日本語の本"),
]


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """Create the corpus once; each test is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        corpus.build()
        yield
        transaction.set_rollback(True)


def names(text, kind):
    found = find(Query(text), AnonymousUser(), ranked=kind)[kind]
    rows = MODELS[kind].objects.in_bulk([hit.pk for hit in found])
    return [str(rows[hit.pk]) for hit in found]


@pytest.mark.parametrize(("text", "kind", "first"), FIRST_HITS)
def test_the_first_hit_is_what_was_meant(built, text, kind, first):
    assert names(text, kind)[:1] == [first]


def test_there_are_forty_queries_or_more():
    assert len({(text, kind) for text, kind, _first in FIRST_HITS}) == len(FIRST_HITS) >= 40


@pytest.mark.parametrize("text", ["python cheese", "ythonic", "typograpy", "ana@a.org", "a.org"])
def test_missing_words_find_nothing(built, text):
    assert not any(find(Query(text), AnonymousUser()).values())


def test_one_letter_is_no_prefix(built):
    assert "Crème brûlée menus" not in names("c", "links")


def test_tier_ranks_collections_by_followers(built):
    assert names("python", "collections") == ["Python", "Programming languages"]
    assert names("typog", "collections") == ["Typography for cooks", "Typography"]


def test_tier_ranks_links_by_age(built):
    assert names("djangoproject", "links") == ["Migrations", "Django"]


def test_words_before_prefixes_names_before_descriptions(built):
    assert names("python", "links") == ["The Python tutorial", "Psycopg 3", "Old maps"]

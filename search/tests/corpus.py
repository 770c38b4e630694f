"""A few people with collections and links, for tests that know the first result of a query."""

from datetime import UTC, datetime, timedelta

from accounts.tests.factories import UserFactory
from collections_app.models import Collection
from collections_app.services import add_link, create_collection
from tests.factories import with_feeds

START = datetime(2026, 1, 1, tzinfo=UTC)

# username, name, about
PEOPLE = [
    ("ana", "Ana Lopes", "Typographer in Lisbon."),
    ("ana_banana", "Ana Kowalska", "Bakes bread in Łódź."),
    ("anatole", "Anatole Müller", "Reads about cheese and typography."),
    ("ben.okafor", "Ben Okafor", "Python, PostgreSQL and long bus rides."),
    ("elif", "Elif İnce", "Librarian in ISTANBUL."),
    ("sofia", "Σοφία Παπαδοπούλου", "Letters, from Αθήνα."),
    ("yuki", "山田ゆき", "東京の図書館員。"),
]

# author, name, description, followers, [(url, title, description)]: the oldest link first
COLLECTIONS = [
    (
        "ana",
        "Typography",
        "How letters work, and why some pages are easy to read.",
        3,
        [
            (
                "https://practicaltypography.com/",
                "Practical Typography",
                "A whole book, free.",
            ),
            ("https://fonts.example/catalogue", "Typefaces", "Free fonts under open licences."),
            ("https://strasse.example/", "Schriften auf der Straße", "Signs in Berlin."),
        ],
    ),
    (
        "anatole",
        "Typography for cooks",
        "Menus set in good type.",
        9,
        [("https://menus.example/", "Crème brûlée menus", "French desserts, set in Garamond.")],
    ),
    (
        "ben.okafor",
        "Python",
        "Everything for the language, from first steps to the web.",
        40,
        [
            ("https://docs.python.org/3/tutorial/", "The Python tutorial", "First steps."),
            ("https://www.djangoproject.com/", "Django", "The web framework for perfectionists."),
            (
                "https://docs.djangoproject.com/en/5.2/topics/migrations/",
                "Migrations",
                "How Django changes tables.",
            ),
            ("https://www.psycopg.org/psycopg3/", "Psycopg 3", "PostgreSQL for Python."),
        ],
    ),
    (
        "ben.okafor",
        "Programming languages",
        "From C to Python.",
        5,
        [
            ("https://isocpp.org/", "C++ today", "The standard and its news."),
            ("https://learn.microsoft.com/dotnet/csharp/", "C# guide", "By those who make it."),
            ("https://nodejs.org/", "Node.js", "JavaScript on the server."),
            ("https://www.open-std.org/c/", "C, the standard", "All drafts."),
        ],
    ),
    (
        "elif",
        "Free libraries",
        "Open archives, old maps, and books without end.",
        12,
        [
            ("https://archive.org/", "Internet Archive", "Books, films and old web pages."),
            ("https://de.wikipedia.org/wiki/B%C3%BCcherei", "Bücherei", "Was das ist."),
            ("https://maps.example/pythonic", "Old maps", "Snakes and dragons at the edges."),
        ],
    ),
    (
        "yuki",
        "日本語の本",
        "東京で読む。",
        2,
        [("https://aozora.example/", "青空文庫", "日本の古い本を無料で読む。")],
    ),
]


@with_feeds()
def build():
    people = {
        username: UserFactory(username=username, name=name, about=about, email=f"{username}@a.org")
        for username, name, about in PEOPLE
    }
    for day, (author, name, description, followers, links) in enumerate(COLLECTIONS):
        moment = START + timedelta(days=day)
        collection = create_collection(
            author=people[author], name=name, description=description, created_at=moment
        )
        Collection.objects.filter(pk=collection.pk).update(follower_count=followers)
        for url, title, about in links:
            add_link(collection=collection, url=url, title=title, description=about)

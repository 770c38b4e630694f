"""Every named address, asked by every kind of person: one table says what each gets.

Roles, in the order of the columns: anonymous, unconfirmed, stranger, author, moderator, suspended,
superuser. The target asked for is the author's. A POST is sent without data, so that it changes
nothing where it is allowed unless it needs none. Statuses: 302 is a redirect (to the sign-in page
for whoever must sign in first), 403 may not, 404 may not know, 405 wrong method, 422 a form with
errors. The admin follows one rule: staff, or a redirect to the sign-in page.
"""

import re
import time

import jwt
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.tests.factories import (
    ModeratorFactory,
    SuperuserFactory,
    SuspendedUserFactory,
    UnconfirmedUserFactory,
    UserFactory,
)
from collections_app.tests.factories import (
    BookmarkImportFactory,
    CollectionFactory,
    ContentFactory,
)
from feeds.stream import groups
from messaging.tests.factories import MessageFactory
from previews.tests.factories import make_picture
from tests.factories import with_feeds

pytestmark = [pytest.mark.django_db, pytest.mark.matrix]

ROLES = ("anonymous", "unconfirmed", "stranger", "author", "moderator", "suspended", "superuser")

CHANGE = re.compile(r"\s*(INSERT|UPDATE|DELETE)")
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")

ALL_OK = "200 200 200 200 200 200 200"
NEVER = "405 405 405 405 405 405 405"
REDIRECTED = "302 302 302 302 302 302 302"
SIGNED_IN = "302 200 200 200 200 302 200"
SIGNED_IN_NEVER = "302 405 405 405 405 302 405"
HAS_NONE = "302 404 404 404 404 302 404"
FORM = "302 422 422 422 422 302 422"
MEMBERS = "302 403 200 200 200 302 200"
MEMBERS_FORM = "302 403 422 422 422 302 422"
EDITORS = "302 403 403 200 200 302 200"
EDITORS_FORM = "302 403 403 422 422 302 422"
MODERATORS = "302 403 403 403 200 302 200"
MODERATORS_FORM = "302 403 403 403 422 302 422"

# name: (arguments, GET, POST)
MATRIX = {
    "home": ("", ALL_OK, NEVER),
    "about": ("", ALL_OK, NEVER),
    "robots": ("", ALL_OK, NEVER),
    "healthz": ("", ALL_OK, NEVER),
    "healthz_feeds": ("", "404 404 404 404 200 404 200", NEVER),
    "set_language": ("", NEVER, REDIRECTED),
    "profile": ("username", ALL_OK, NEVER),
    "profile_activity": ("username", ALL_OK, NEVER),
    "profile_feed": ("username", ALL_OK, NEVER),
    "where_is_link": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "your_data": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "download_data": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "notifications": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "notifications_seen": ("", NEVER, REDIRECTED),
    "notification_read": ("", NEVER, HAS_NONE),
    "notifications_read": ("", NEVER, REDIRECTED),
    "notifications:poll": ("", "401 200 200 200 200 401 200", NEVER),
    "messaging:received": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "messaging:sent": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "messaging:mark_all_read": ("", NEVER, REDIRECTED),
    # One has no conversation with oneself, nor one to delete where nobody wrote.
    "messaging:conversation": (
        "username",
        "302 403 200 404 200 302 200",
        "302 403 422 404 422 302 422",
    ),
    "messaging:delete_conversation": (
        "username",
        "302 404 404 404 200 302 404",
        "302 404 404 404 302 302 404",
    ),
    # The author's from the moderator: staff who are not one of the two see nothing of it.
    "messaging:delete_message": (
        "message",
        "302 404 404 200 200 302 404",
        "302 404 404 302 302 302 404",
    ),
    "moderation:report": ("reported", "302 403 200 403 200 302 200", "302 403 422 403 422 302 422"),
    # Of a hidden link that is the author's.
    "moderation:appeal": ("hidden", "302 404 404 200 404 302 404", "302 404 404 422 404 302 404"),
    "moderation:my_reports": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "moderation:my_hidden_things": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "moderation:numbers": ("", ALL_OK, NEVER),
    # One cannot follow oneself, nor what one made.
    "follows:follow": ("username", NEVER, "302 403 302 404 302 302 302"),
    "follows:unfollow": ("username", NEVER, "302 403 302 404 302 302 302"),
    "follows:followers": ("username", ALL_OK, NEVER),
    "follows:following": ("username", ALL_OK, NEVER),
    "follows:following_collections": ("username", ALL_OK, NEVER),
    "follows:follow_collection": ("collection", NEVER, "302 403 302 404 302 302 302"),
    "follows:unfollow_collection": ("collection", NEVER, "302 403 302 404 302 302 302"),
    "follows:collection_followers": ("collection", ALL_OK, NEVER),
    "search:search": ("", ALL_OK, NEVER),
    "accounts:directory": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "accounts:edit_profile": ("", SIGNED_IN, REDIRECTED),
    # Nobody blocks themselves; staff can be blocked, and unblocking twice is no error.
    # Asks for the password first.
    "accounts:delete": ("", REDIRECTED, REDIRECTED),
    "accounts:blocks": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "accounts:block": ("username", "302 200 200 404 200 302 200", "302 302 302 404 302 302 302"),
    "accounts:unblock": ("username", NEVER, "302 302 302 404 302 302 302"),
    "accounts:suspend": ("username", MODERATORS, MODERATORS_FORM),
    "accounts:lift": ("username", MODERATORS, MODERATORS_FORM),
    "collections:explore": ("", ALL_OK, NEVER),
    "collections:create": ("", MEMBERS, MEMBERS_FORM),
    "collections:add_link": ("", MEMBERS, MEMBERS_FORM),
    "collections:import": ("", MEMBERS, MEMBERS_FORM),
    # Of the author.
    "collections:import_detail": (
        "import",
        "302 403 404 200 404 302 404",
        "302 403 405 405 405 302 405",
    ),
    "collections:feed": ("collection", ALL_OK, NEVER),
    "collections:preview_link": ("", "302 403 405 405 405 302 405", MEMBERS_FORM),
    "collections:detail": ("collection", ALL_OK, NEVER),
    "collections:activity": ("collection", ALL_OK, NEVER),
    "collections:edit": ("collection", EDITORS, EDITORS_FORM),
    "collections:delete": ("collection", EDITORS, "302 403 403 302 422 302 422"),
    "collections:hide": ("collection", MODERATORS, MODERATORS_FORM),
    "collections:restore": ("collection", MODERATORS, MODERATORS_FORM),
    "collections:edit_link": ("link", EDITORS, EDITORS_FORM),
    "collections:move_link": ("link", "302 403 403 200 403 302 403", "302 403 403 422 403 302 403"),
    "collections:delete_link": ("link", EDITORS, "302 403 403 302 422 302 422"),
    "collections:hide_link": ("link", MODERATORS, MODERATORS_FORM),
    "collections:restore_link": ("link", MODERATORS, MODERATORS_FORM),
    "previews:picture": ("picture", ALL_OK, NEVER),
    "feeds:token": ("feed", ALL_OK, NEVER),
    "account_login": ("", "200 302 302 302 302 200 302", "422 302 302 302 302 422 302"),
    "account_logout": ("", "302 200 200 200 200 302 200", REDIRECTED),
    "account_inactive": ("", ALL_OK, NEVER),
    "account_signup": ("", "200 302 302 302 302 200 302", "422 302 302 302 302 422 302"),
    "account_reauthenticate": ("", SIGNED_IN, FORM),
    "account_email": ("", SIGNED_IN, REDIRECTED),
    "account_email_verification_sent": ("", ALL_OK, NEVER),
    "account_change_password": ("", SIGNED_IN, FORM),
    "account_set_password": ("", REDIRECTED, REDIRECTED),
    "account_reset_password": ("", ALL_OK, "422 422 422 422 422 422 422"),
    "account_reset_password_done": ("", ALL_OK, NEVER),
    "account_reset_password_from_key": ("reset", ALL_OK, "422 422 422 422 422 422 422"),
    "account_reset_password_from_key_done": ("", ALL_OK, NEVER),
    "account_confirm_login_code": ("", REDIRECTED, REDIRECTED),
    "account_confirm_email": ("confirmation", ALL_OK, "404 404 404 404 404 404 404"),
    "usersessions_list": ("", SIGNED_IN, REDIRECTED),
    "mfa_index": ("", SIGNED_IN, SIGNED_IN_NEVER),
    "mfa_authenticate": ("", REDIRECTED, REDIRECTED),
    # Nobody here has a second factor, and who sets one up must first give their password again.
    "mfa_reauthenticate": ("", REDIRECTED, REDIRECTED),
    "mfa_activate_totp": ("", REDIRECTED, REDIRECTED),
    "mfa_deactivate_totp": ("", HAS_NONE, HAS_NONE),
    "mfa_view_recovery_codes": ("", HAS_NONE, SIGNED_IN_NEVER),
    "mfa_generate_recovery_codes": ("", REDIRECTED, REDIRECTED),
    "mfa_download_recovery_codes": ("", HAS_NONE, HAS_NONE),
}


# Where somebody with a feed of their own finds it, and where the feeds of others are.
FEED_PAGES = ("home", "notifications", "profile_activity", "collections:activity")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """One person of each role, and what the author has, made once: each test is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@with_feeds()
def make_world():
    author = UserFactory(username="author")
    collection = CollectionFactory(author=author)
    moderator = ModeratorFactory()
    link = ContentFactory(collection=collection)
    hidden = ContentFactory(collection=collection, hidden_at=timezone.now(), hidden_reason="Spam.")
    people = {
        "anonymous": None,
        "unconfirmed": UnconfirmedUserFactory(),
        "stranger": UserFactory(),
        "author": author,
        "moderator": moderator,
        "suspended": SuspendedUserFactory(),
        "superuser": SuperuserFactory(),
    }
    return people | {
        "sessions": {role: open_session(person) for role, person in people.items() if person},
        "arguments": {
            "": [],
            "username": ["author"],
            "collection": [collection.pk],
            "link": [link.pk],
            "reported": ["link", link.pk],
            "hidden": ["link", hidden.pk],
            "import": [BookmarkImportFactory(person=author).pk],
            "message": [MessageFactory(sender=moderator, recipient=author).pk],
            "picture": [make_picture().pk],
            "feed": ["collection", str(collection.pk)],
            "reset": ["1", "key"],
            "confirmation": ["no-such-key"],
        },
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", MATRIX)
def test_each_role_gets_what_the_table_says(client, world, name, role):
    arguments, for_get, for_post = MATRIX[name]
    address = reverse(name, args=world["arguments"][arguments])
    column = ROLES.index(role)
    enter(client, world, role)
    answer = client.get(address)
    assert answer.status_code == int(for_get.split()[column]), "GET"
    assert private_feeds(tokens_in(answer)) <= own_feeds(world, role)
    expected = int(for_post.split()[column])
    with CaptureQueriesContext(connection) as queries:
        assert client.post(address).status_code == expected, "POST"
    if expected >= 400 or role in {"anonymous", "suspended"}:
        assert changes_in(queries) == []


@pytest.mark.parametrize("role", ROLES)
def test_the_admin_is_for_staff_alone(client, world, role):
    enter(client, world, role)
    staff = bool(world[role] and world[role].is_staff)
    client.get("/admin/")  # notes when they were last seen
    before = snapshot()
    for address in admin_addresses():
        status = client.get(address).status_code
        if staff:
            assert status in {200, 302, 403, 404, 405}, address
        else:
            assert status in {302, 403}, address
            assert client.post(address).status_code in {302, 403}, address
    if not staff:
        assert snapshot() == before


@pytest.mark.parametrize("role", ROLES)
def test_pages_hold_tokens_of_public_feeds_and_own_ones(client, world, role):
    enter(client, world, role)
    feeds = set()
    for name in FEED_PAGES:
        address = reverse(name, args=world["arguments"][MATRIX[name][0]])
        feeds |= tokens_in(client.get(address))
    assert private_feeds(feeds) == own_feeds(world, role)
    assert feeds - private_feeds(feeds)


def test_every_address_is_in_the_table():
    assert set(names()) - set(MATRIX) == set()


def test_every_row_of_the_table_is_an_address():
    assert set(MATRIX) - set(names()) == set()


def open_session(person):
    client = Client()
    client.force_login(person)
    return client.session.session_key


def enter(client, world, role):
    """Let `client` send the session cookie of `role`: signing in takes longer than most pages."""
    if role in world["sessions"]:
        client.cookies[settings.SESSION_COOKIE_NAME] = world["sessions"][role]


def tokens_in(answer):
    """Return the feeds that the page has tokens for: each token reads one, for a while."""
    feeds = set()
    for token in TOKEN.findall(answer.getvalue().decode(errors="replace")):
        claims = jwt.decode(token, settings.STREAM_API_SECRET, algorithms=["HS256"])
        assert claims["action"] == "read"
        assert claims["exp"] <= time.time() + settings.FEEDS_TOKEN_SECONDS
        feeds.add(claims["feed_id"])
    return feeds


def private_feeds(feeds):
    return {feed for feed in feeds if feed.startswith(tuple(groups.private()))}


def own_feeds(world, role):
    if role in {"anonymous", "suspended"}:
        return set()
    return {f"{group}{world[role].pk}" for group in groups.private()}


def snapshot():
    """Return every row of every table but sessions: what a refused request must not change."""
    kept = [model for model in apps.get_models() if model not in {Session}]
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in kept}


def changes_in(queries):
    """Return the statements that changed any table but that of sessions."""
    asked = [query["sql"] for query in queries]
    return [sql for sql in asked if CHANGE.match(sql) and '"django_session"' not in sql]


def names(resolver=None, prefix=""):
    """Yield the name of every address, the admin's apart."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                yield from names(pattern, inner)
        elif pattern.name:
            yield f"{prefix}{pattern.name}"


def admin_addresses():
    """Return every address of the admin, with 1 for whatever it asks to be filled in."""
    patterns = get_resolver().url_patterns
    admin = next(row for row in patterns if getattr(row, "namespace", "") == "admin")
    return [f"/admin/{re.sub(r'<[^>]*>', '1', route)}" for route in routes(admin)]


def routes(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, f"{prefix}{pattern.pattern}")
        elif "^" not in str(pattern.pattern) and "(" not in str(pattern.pattern):
            yield f"{prefix}{pattern.pattern}"

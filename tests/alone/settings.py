"""A bare project with one app, what it may import, and Django's own users: `make alone`.

APP names the app. What it asks of a project is here as briefly as may be: addresses, a page to
extend, and stand-ins for what other apps put into its templates.
"""

import os

import environ

env = environ.Env()

# Each app that stands alone, with what it needs: its arrows, and libraries of its own.
# The leaf apps (transactions, rate_limits, …) can be imported without being installed.
NEEDED = {
    "feedserver": [],
    "transactions": [],
    "rate_limits": [],
    "long_commands": [],
    # The Stream that its tests deliver to: named by dotted path alone.
    "feeds": ["stream_django", "feedserver"],
    "notifications": [],
    "previews": [],
    "messaging": [
        "notifications",
        "crispy_forms",
        "crispy_bootstrap5",
        "django.contrib.humanize",
        "heroicons",
    ],
}
APP = os.environ["APP"]

SECRET_KEY = "a key for tests only, of more than fifty characters in all"
ALLOWED_HOSTS = ["testserver", "localhost"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    APP,
    *NEEDED[APP],
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    *(["feedserver.middleware.FeedServerMiddleware"] if APP == "feedserver" else []),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "tests.alone.urls"
STATIC_URL = "/static/"
LOGIN_URL = "/accounts/login/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            # What stands in for pages of the site, then the admin's own, then the app's.
            "loaders": [
                ("django.template.loaders.filesystem.Loader", ["tests/alone/templates"]),
                "django.template.loaders.app_directories.Loader",
                ("django.template.loaders.filesystem.Loader", ["templates"]),
            ],
            "libraries": {"people": "tests.alone.people"} if APP == "messaging" else {},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///var/alone-{APP}.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

FEEDSERVER_API_KEY = STREAM_API_KEY = "embedded"
FEEDSERVER_API_SECRET = STREAM_API_SECRET = "a secret of more than thirty-two letters"
STREAM_FEED_MANAGER_CLASS = "feeds.managers.OutboxFeedManager"
FEEDS_TRANSPORT = "feedserver.transport.FeedServerAdapter"
FEEDS_DELIVERY = "inline"

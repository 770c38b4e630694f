"""A site with django-notifications-community, whose polls are compared with this project's.

The library has the same name as the app `notifications`, so this site runs in its own process from
this directory, which is not a package: otherwise Python would import the app. `python project.py`
prepares the database and prints the session key of a user with five unread notifications. Sessions,
cache and database are configured as in this project.
"""

import environ
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

SCHEMA = "community"
env = environ.Env()
database = env.db_url("DATABASE_URL")
is_postgresql = database["ENGINE"].endswith("postgresql")
database["OPTIONS"] = (
    {"pool": {"min_size": 1, "max_size": 10}, "options": f"-c search_path={SCHEMA}"}
    if is_postgresql
    else {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
)
if not is_postgresql:
    database["CONN_MAX_AGE"] = 60
redis = env.str("REDIS_URL", default="")

settings.configure(
    SECRET_KEY="only for benchmarks",  # noqa: S106
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": database},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "notifications",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": redis,
            "KEY_PREFIX": SCHEMA,
        }
        if redis
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    },
    SESSION_ENGINE=f"django.contrib.sessions.backends.{'cached_db' if redis else 'db'}",
    USE_TZ=True,
)

application = get_wsgi_application()
urlpatterns = [path("notifications/", include("notifications.urls"))]


def prepare():
    """Return the session key of a user with five unread notifications."""
    from importlib import import_module

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection

    from notifications.signals import notify

    if is_postgresql:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    call_command("migrate", verbosity=0)
    ana, *others = [User.objects.create_user(f"person{number}") for number in range(6)]
    for person in others:
        notify.send(person, recipient=ana, verb="wrote to you")
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(ana.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = ana.get_session_auth_hash()
    session.create()
    return session.session_key


if __name__ == "__main__":
    print(prepare())

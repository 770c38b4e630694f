"""A project with the feed server only, for suites of Stream clients."""

import environ

env = environ.Env()

INSTALLED_APPS = ["feedserver"]
SECRET_KEY = "nothing is signed with it"
USE_TZ = True

FEEDSERVER_API_KEY = env.str("FEEDSERVER_API_KEY", default="")
FEEDSERVER_API_SECRET = env.str("FEEDSERVER_API_SECRET", default="")
# Suites of clients have their own secrets, of any length.
SILENCED_SYSTEM_CHECKS = ["feedserver.E002", "feedserver.W001"]

# The groups that the clients' own suites write to.
FEEDSERVER_GROUPS = {
    **{slug: {"type": "flat"} for slug in ("user", "flat", "topic", "timeline", "secret")},
    "aggregated": {"type": "aggregated"},
    "timeline_aggregated": {"type": "aggregated"},
    "notification": {"type": "notification"},
}

DATABASES = {"default": env.db_url("DATABASE_URL")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 60
else:
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 10}}

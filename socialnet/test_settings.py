"""Settings of the test suite: fast password hashes, and no requests to other servers."""

import os

os.environ.setdefault("SECRET_KEY", "a key for tests only, of more than fifty characters in all")

from socialnet.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
AVATAR_URL_TEMPLATE = ""
WHITENOISE_AUTOREFRESH = True
# Tests of previews turn them on for a local server.
LINK_PREVIEWS, FEEDSERVER_OPEN_GRAPH = False, None

if REDIS_URL:
    # One of Redis's 16 databases per test process, so that none clears another's cache.
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    CACHES["default"]["LOCATION"] = f"{REDIS_URL.rpartition('/')[0]}/{1 + worker % 15}"

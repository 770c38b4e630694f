"""Settings of the test suite: the site's own, less what would slow tests down or reach out."""

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
# Tests of previews switch them on, for sites of their own.
LINK_PREVIEWS, FEEDSERVER_OPEN_GRAPH = False, None

if REDIS_URL:
    # Each of several test processes empties its own cache only: Redis has 16 databases.
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    CACHES["default"]["LOCATION"] = f"{REDIS_URL.rpartition('/')[0]}/{1 + worker % 15}"

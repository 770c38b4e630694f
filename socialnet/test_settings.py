"""Settings of the test suite: the site's own, less what would slow tests down or reach out."""

import os

os.environ.setdefault("SECRET_KEY", "a key for tests only, of more than fifty characters in all")

from socialnet.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
MAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
AVATAR_URL_TEMPLATE = ""
WHITENOISE_AUTOREFRESH = True

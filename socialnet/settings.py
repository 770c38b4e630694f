"""Settings of the site. `.env.example` explains those read from the environment or `.env`."""

import hashlib
import hmac
from pathlib import Path
from urllib.parse import urlsplit

import environ

from socialnet.logs import configure_logging

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# Site ------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
PORT = env.int("PORT", default=8000)
HOST = env.str("HOST", default="127.0.0.1")
SITE_URL = (env.str("SITE_URL", default="") or f"http://127.0.0.1:{PORT}").rstrip("/")
SITE_NAME = env.str("SITE_NAME", default="Linkroom")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")
HEALTH_TOKEN = env.str("HEALTH_TOKEN", default="")
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")
RESULTS_PER_PAGE = env.int("RESULTS_PER_PAGE", default=15)
WEB_THREADS = env.int("WEB_THREADS", default=8)

ROOT_URLCONF = "socialnet.urls"
WSGI_APPLICATION = "socialnet.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_site = urlsplit(SITE_URL)
_https = _site.scheme == "https"
ALLOWED_HOSTS = [_site.hostname or ""]
if _site.hostname == "127.0.0.1":
    ALLOWED_HOSTS.append("localhost")
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]

# Applications ----------------------------------------------------------------------------------
# With a key, feeds are on hosted Stream; without, on the embedded server. The reasons are in
# docs/decisions/0001-embedded-feed-server.md.
STREAM_API_KEY = env.str("STREAM_API_KEY", default="")
FEEDS_EMBEDDED = not STREAM_API_KEY

INSTALLED_APPS = [
    "socialnet",
    "accounts",
    # Before collections: deletion ends the follows first, so that removing links needs no fan-out.
    "follows",
    "collections_app",
    "messaging",
    "moderation",
    "search",
    "notifications",
    "previews",
    "feeds",
    *(["feedserver"] if FEEDS_EMBEDDED else []),
    "stream_django",
    "socialnet.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "heroicons",
    "js_lib_bootstrap5",
    "csp",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "socialnet.middleware.RequestLogMiddleware",
    # Before all that answers in HTML, so that an API request with a bad host gets Stream's JSON.
    *(["feedserver.middleware.FeedServerMiddleware"] if FEEDS_EMBEDDED else []),
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "socialnet.middleware.InvalidFormMiddleware",
    "django_ratelimit.middleware.RatelimitMiddleware",
    "accounts.middleware.LastSeenMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "socialnet.context_processors.site",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# Database, cache and sessions ------------------------------------------------------------------
_database = env.str("DATABASE_URL", default="")
DATABASES = {
    "default": env.db_url_config(_database or f"sqlite:///{BASE_DIR / 'var' / 'socialnet.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # Opening a connection takes a quarter of the time of a short request.
    DATABASES["default"]["CONN_MAX_AGE"] = 60
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": WEB_THREADS + 2},
        # The planner would compile fan-out queries, which takes far longer than running them.
        "options": "-c jit=off",
    }

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
        }
    }
    SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
else:
    # With local memory, signing out in one process would leave the session valid in another.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # Rate limits are counted here; Django's default of 300 entries would evict them.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }
    SESSION_ENGINE = "django.contrib.sessions.backends.db"

# People ----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AccountsBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SIGNUP = env.str("SIGNUP", default="open")
ADMIN_EMAILS = [address.lower() for address in env.list("ADMIN_EMAILS", default=[])]
AVATAR_URL_TEMPLATE = env.str(
    "AVATAR_URL_TEMPLATE", default="https://www.gravatar.com/avatar/{hash}?s={size}&d=blank"
)

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"login": "accounts.forms.LoginForm", "signup": "accounts.forms.SignUpForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_USERNAME_VALIDATORS = "accounts.models.username_validators"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
USERSESSIONS_TRACK_ACTIVITY = False

# Each role is a group; `manage.py deploy` sets its permissions to exactly these.
ROLE_PERMISSIONS = {
    "Members": [
        *(f"collections_app.{verb}_collection" for verb in ("add", "change", "delete", "view")),
        *(f"collections_app.{verb}_content" for verb in ("add", "change", "delete", "view")),
        "follows.add_follow",
        "follows.add_collectionfollow",
        "messaging.add_message",
        "moderation.add_report",
    ],
    "Moderators": [
        "accounts.view_user",
        "accounts.change_user",
        "accounts.suspend_user",
        *(f"collections_app.{verb}_collection" for verb in ("view", "change", "moderate")),
        *(f"collections_app.{verb}_content" for verb in ("view", "change", "moderate")),
        *(f"follows.{verb}_follow" for verb in ("view", "delete")),
        *(f"follows.{verb}_collectionfollow" for verb in ("view", "delete")),
        "messaging.view_message",
        "previews.view_picture",
        "moderation.view_case",
        "moderation.decide_case",
        "moderation.view_logrecord",
    ],
}
REPORTS_PER_DAY = env.int("REPORTS_PER_DAY", default=20)
LINKS_PER_HOUR = env.int("LINKS_PER_HOUR", default=60)
SEARCHES_PER_MINUTE = env.int("SEARCHES_PER_MINUTE", default=60)
LINK_PREVIEWS = env.bool("LINK_PREVIEWS", default=True)
PREVIEWS_PER_HOUR = env.int("PREVIEWS_PER_HOUR", default=120)
PREVIEWS_TRUSTED_ADDRESSES = env.list("PREVIEWS_TRUSTED_ADDRESSES", default=[])
PREVIEWS_USER_AGENT = f"Mozilla/5.0 (compatible; link preview; +{SITE_URL})"
RATELIMIT_VIEW = "socialnet.errors.too_many_requests"

# Messages and badges ---------------------------------------------------------------------------
MESSAGE_MAX_LENGTH = env.int("MESSAGE_MAX_LENGTH", default=140)
MESSAGES_PER_PAGE = env.int("MESSAGES_PER_PAGE", default=25)
MESSAGES_PER_MINUTE = env.int("MESSAGES_PER_MINUTE", default=20)
MESSAGES_PER_DAY = env.int("MESSAGES_PER_DAY", default=200)
MESSAGES_TO_STRANGERS_PER_DAY = env.int("MESSAGES_TO_STRANGERS_PER_DAY", default=5)
MESSAGING_MAY_SEND = "socialnet.policies.may_send_message"
MESSAGING_RATES = "socialnet.policies.message_rates"
NOTIFICATIONS_POLL_SECONDS = env.int("NOTIFICATIONS_POLL_SECONDS", default=10)

# Feeds -----------------------------------------------------------------------------------------
STREAM_FEED_MANAGER_CLASS = "feeds.managers.OutboxFeedManager"
if FEEDS_EMBEDDED:
    STREAM_API_KEY = "embedded"
    # The API is public, so its secret must not be a constant.
    STREAM_API_SECRET = hmac.new(
        SECRET_KEY.encode(), b"embedded feed server", hashlib.sha256
    ).hexdigest()
    STREAM_LOCATION = None
    STREAM_BASE_URL = ""
    FEEDS_TRANSPORT = "feedserver.transport.FeedServerAdapter"
    FEEDS_API_URL = "/api/v1.0/"
else:
    STREAM_API_SECRET = env.str("STREAM_API_SECRET", default="")
    STREAM_LOCATION = env.str("STREAM_LOCATION", default="us-east")
    STREAM_BASE_URL = env.str("STREAM_BASE_URL", default="").rstrip("/")
    FEEDS_TRANSPORT = None
    _stream = STREAM_BASE_URL or f"https://{STREAM_LOCATION}-api.stream-io-api.com"
    FEEDS_API_URL = f"{_stream}/api/v1.0/"
STREAM_APP_ID = env.str("STREAM_APP_ID", default="")
FEEDS_DELIVERY = env.str("FEEDS_DELIVERY", default="inline" if FEEDS_EMBEDDED else "worker")
FEEDS_OUTBOX_KEEP_DAYS = env.int("FEEDS_OUTBOX_KEEP_DAYS", default=7)
FEEDS_TOKEN_SECONDS = env.int("FEEDS_TOKEN_SECONDS", default=3600)
FEEDS_MAY_READ = "socialnet.policies.may_read_feed"
FEEDS_MAX_DELAY = env.int("FEEDS_MAX_DELAY", default=300)
FEED_PAGE_SIZE = env.int("FEED_PAGE_SIZE", default=25)
FEED_GROUPS_PAGE_SIZE = env.int("FEED_GROUPS_PAGE_SIZE", default=10)
FEED_POLL_SECONDS = env.int("FEED_POLL_SECONDS", default=30 if FEEDS_EMBEDDED else 60)

FEEDSERVER_API_KEY = STREAM_API_KEY
FEEDSERVER_API_SECRET = STREAM_API_SECRET
# The site does not read the audit log, which grows by a row with every write.
FEEDSERVER_AUDIT_LOG = False
FEEDSERVER_OPEN_GRAPH = "previews.services.describe" if LINK_PREVIEWS else None
# A hosted app needs the same groups and formats in Stream's dashboard (docs/hosted-stream.md).
_day = '{{ time.strftime("%Y-%m-%d") }}'
FEEDSERVER_GROUPS = {
    "user": {"type": "flat"},
    # Its ids are those of collections, so a person with the same id must not own the feed.
    "collection": {"type": "flat", "owned": False},
    "links": {"type": "flat"},
    "follow": {"type": "flat"},
    # "ana added 4 links to Typography".
    "timeline": {
        "type": "aggregated",
        "format": "{{ actor }}_{{ verb }}_{{ object }}_" + _day,
        "activities": 5,
    },
    # "ana, ben and 298 others follow Typography"; "ana made 3 collections".
    "notification": {
        "type": "notification",
        "format": (
            '{% if verb == "create" %}{{ actor }}_{{ verb }}{% else %}{{ verb }}_{{ object }}'
            "{% endif %}_" + _day
        ),
        "activities": 5,
        "own_seen": True,
        "returning_seen": True,
    },
}
FEEDS_GROUPS = FEEDSERVER_GROUPS | {
    # Only their owners may read these.
    slug: {**FEEDSERVER_GROUPS[slug], "private": True}
    for slug in ("timeline", "notification")
}

# Mail ------------------------------------------------------------------------------------------
_mail = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"]
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = "socialnet.mail.BackgroundBackend"
MAIL_DELIVERY_BACKEND = _mail["EMAIL_BACKEND"]
DEFAULT_FROM_EMAIL = SERVER_EMAIL = (
    env.str("DEFAULT_FROM_EMAIL", default="") or CONTACT_EMAIL or f"noreply@{_site.hostname}"
)

# Security --------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
# Health checks call the process directly, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
CSRF_FAILURE_VIEW = "socialnet.errors.csrf_failure"

_avatar_origin = "{0.scheme}://{0.netloc}".format(urlsplit(AVATAR_URL_TEMPLATE))
_policy = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", *([_avatar_origin] if AVATAR_URL_TEMPLATE else [])],
        "connect-src": [
            "'self'",
            *([] if FEEDS_EMBEDDED else [FEEDS_API_URL.removesuffix("/api/v1.0/")]),
        ],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "object-src": ["'none'"],
    }
}
if DEBUG:
    CONTENT_SECURITY_POLICY_REPORT_ONLY = _policy
else:
    CONTENT_SECURITY_POLICY = _policy

# Background tasks ------------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Language and time -----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
# Chosen in the footer; without the cookie, the browser's languages decide.
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SECURE = _https
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files ----------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "socialnet.storage.StaticFilesStorage"
    },
}

# Logging ---------------------------------------------------------------------------------------
LOGGING = configure_logging(level=env.str("LOG_LEVEL", default="INFO"))

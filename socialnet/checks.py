"""System checks of the site's settings (`manage.py check`)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register


@register(Tags.security)
def check_site_url(app_configs, **kwargs):
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme in {"http", "https"} and parts.hostname and not parts.path:
        return []
    return [
        Error(
            "SITE_URL is not the address of a site.",
            hint="Give scheme and host, and a port where it is not the usual one: "
            "https://links.example.org",
            id="socialnet.E001",
        )
    ]


@register(Tags.caches)
def check_sessions(app_configs, **kwargs):
    local = settings.CACHES["default"]["BACKEND"].endswith("LocMemCache")
    if not local or "cache" not in settings.SESSION_ENGINE:
        return []
    return [
        Error(
            "Sessions are kept in local memory, so whoever logs out stays signed in elsewhere.",
            hint="Set REDIS_URL, or leave SESSION_ENGINE to the database.",
            id="socialnet.E002",
        )
    ]


@register(Tags.security)
def check_numbers(app_configs, **kwargs):
    names = ("RESULTS_PER_PAGE", "FEED_PAGE_SIZE", "WEB_THREADS", "LINKS_PER_HOUR")
    return [
        Error(f"{name} is less than 1.", hint=f"Set {name} to 1 or more.", id="socialnet.E003")
        for name in names
        if getattr(settings, name) < 1
    ]


@register(Tags.security, deploy=True)
def check_contact(app_configs, **kwargs):
    if settings.CONTACT_EMAIL:
        return []
    return [
        Warning(
            "Nobody can reach whoever runs this site.",
            hint="Set CONTACT_EMAIL; the pages About and Error show it.",
            id="socialnet.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_mail(app_configs, **kwargs):
    if not settings.MAIL_DELIVERY_BACKEND.endswith("console.EmailBackend"):
        return []
    return [
        Warning(
            "Mail goes to the terminal, so nobody can confirm an address.",
            hint="Set EMAIL_URL to your mail server: smtp+tls://user:password@host:587",
            id="socialnet.W002",
        )
    ]

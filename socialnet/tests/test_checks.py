import pytest
from django.core.checks import run_checks


def check_ids(**kwargs):
    return {message.id for message in run_checks(**kwargs)}


@pytest.mark.parametrize("address", ["", "links.example.org", "ftp://x", "https://x.org/path"])
def test_invalid_site_url_is_error(settings, address):
    settings.SITE_URL = address
    assert "socialnet.E001" in check_ids()


def test_sessions_in_local_memory_are_error(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    assert "socialnet.E002" in check_ids()


@pytest.mark.parametrize("name", ["RESULTS_PER_PAGE", "FEED_PAGE_SIZE", "WEB_THREADS"])
def test_numbers_below_one_are_errors(settings, name):
    setattr(settings, name, 0)
    assert "socialnet.E003" in check_ids()


def test_production_needs_contact_and_mail(settings):
    settings.CONTACT_EMAIL = ""
    settings.MAIL_DELIVERY_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert {"socialnet.W001", "socialnet.W002"} <= check_ids(include_deployment_checks=True)

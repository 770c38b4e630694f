import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.urls import reverse
from django.utils.translation import override

from accounts import services
from accounts.tests.factories import ModeratorFactory, UserFactory
from collections_app import imports
from collections_app.tests.factories import CollectionFactory
from messaging.tests.factories import MessageFactory
from moderation.services import report

pytestmark = pytest.mark.django_db

SPANISH = {"HTTP_ACCEPT_LANGUAGE": "es-MX,es;q=0.9,en;q=0.5"}


def choose(client, language, **fields):
    return client.post(reverse("set_language"), {"language": language, **fields})


class TestLanguageOfAPage:
    @pytest.mark.parametrize(
        ("accepted", "language", "text"),
        [
            ("", "en", "Search"),
            ("es", "es", "Buscar"),
            ("es-MX,es;q=0.9,en;q=0.5", "es", "Buscar"),
            ("en-GB,es;q=0.5", "en", "Search"),
            ("fr,es;q=0.5", "es", "Buscar"),
            ("fr", "en", "Search"),
        ],
    )
    def test_is_first_supported_of_browser(self, client, accepted, language, text):
        page = client.get("/about/", HTTP_ACCEPT_LANGUAGE=accepted)
        assert page.headers["Content-Language"] == language
        assert f'<html lang="{language}">' in page.text
        assert text in page.text

    def test_varies_in_caches(self, client):
        vary = client.get("/about/").headers["Vary"]
        assert {"Accept-Language", "Cookie"} <= set(vary.split(", "))

    def test_applies_to_error_pages(self, client):
        assert "Aquí no hay nada" in client.get("/nowhere/", **SPANISH).text

    def test_formats_dates(self, client):
        person = UserFactory()
        page = client.get(person.get_absolute_url(), **SPANISH)
        with override("es"):
            assert f"de {person.date_joined.year}" in page.text

    def test_applies_to_atom_feeds(self, client):
        person = UserFactory(name="Ana")
        feed = client.get(reverse("profile_feed", args=[person.username]), **SPANISH)
        assert 'xml:lang="es"' in feed.text
        assert "Enlaces de Ana" in feed.text


class TestSwitch:
    def test_sets_cookie_and_redirects(self, client):
        response = choose(client, "es", next="/search/?q=a&page=2")
        assert response.url == "/search/?q=a&page=2"
        cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
        assert cookie.value == "es"
        assert cookie["max-age"] == 365 * 24 * 60 * 60
        assert '<html lang="es">' in client.get("/about/").text

    def test_overrides_browser(self, client):
        choose(client, "en", next="/")
        assert '<html lang="en">' in client.get("/about/", **SPANISH).text

    def test_ignores_foreign_redirect(self, client):
        assert choose(client, "es", next="https://www.example.org/").url == "/"

    def test_ignores_unknown_language(self, client):
        choose(client, "fr", next="/")
        assert '<html lang="es">' in client.get("/about/", **SPANISH).text

    def test_names_languages_natively(self, client):
        page = client.get("/search/?q=a&page=2", **SPANISH).text
        assert 'value="/search/?q=a&amp;page=2"' in page
        assert '<span class="py-1" lang="es" aria-current="true">Español</span>' in page
        assert "English</button>" in page


class TestStoredText:
    def test_mail_uses_requesters_language(self, client):
        UserFactory(username="ana", email="ana@example.org")
        client.post(reverse("account_reset_password"), {"email": "ana@example.org"}, **SPANISH)
        (message,) = mail.outbox
        assert "Elige una contraseña nueva" in message.subject
        assert "Tu nombre de usuario es ana." in message.body
        assert "Somebody" not in message.body

    def test_log_uses_default_language(self):
        with override("es"):
            services.suspend(person=UserFactory(), by=ModeratorFactory(), reason="Spam.")
        assert LogEntry.objects.get().change_message == "Suspended: Spam."

    def test_case_title_uses_readers_language(self):
        message = MessageFactory(sender__username="ana")
        with override("es"):
            case = report(target=message, reporter=message.recipient, reason="spam").case
            assert str(case) == "Un mensaje de @ana"
        assert str(case) == "A message from @ana"

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_deleted_case_has_a_title(self, language):
        case = report(target=CollectionFactory(), reporter=UserFactory(), reason="spam").case
        case.title = ""
        with override(language):
            assert (
                str(case) == {"en": "Deleted: collection", "es": "Eliminado: colección"}[language]
            )

    def test_import_uses_starters_language(self):
        person = UserFactory()
        with override("es"):
            bookmark_import = imports.start(
                person=person, file_name="a.html", data=b'<DT><A HREF="https://a.example/">A</A>'
            )
        imports.run_slice(bookmark_import.pk)
        collection = person.collections.get()
        assert collection.name == "Marcadores importados"
        assert collection.description == "Importados de un archivo de marcadores."

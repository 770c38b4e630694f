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
        ("asked", "language", "text"),
        [
            ("", "en", "Search"),
            ("es", "es", "Buscar"),
            ("es-MX,es;q=0.9,en;q=0.5", "es", "Buscar"),
            ("en-GB,es;q=0.5", "en", "Search"),
            ("fr,es;q=0.5", "es", "Buscar"),
            ("fr", "en", "Search"),
        ],
    )
    def test_is_the_first_of_the_browsers_that_there_is(self, client, asked, language, text):
        page = client.get("/about/", HTTP_ACCEPT_LANGUAGE=asked)
        assert page.headers["Content-Language"] == language
        assert f'<html lang="{language}">' in page.text
        assert text in page.text

    def test_is_kept_apart_by_caches(self, client):
        vary = client.get("/about/").headers["Vary"]
        assert {"Accept-Language", "Cookie"} <= set(vary.split(", "))

    def test_of_an_error_is_the_readers_too(self, client):
        assert "Aquí no hay nada" in client.get("/nowhere/", **SPANISH).text

    def test_says_dates_as_the_language_does(self, client):
        person = UserFactory()
        page = client.get(person.get_absolute_url(), **SPANISH)
        with override("es"):
            assert f"de {person.date_joined.year}" in page.text

    def test_of_a_feed_for_readers_is_named_in_it(self, client):
        person = UserFactory(name="Ana")
        feed = client.get(reverse("profile_feed", args=[person.username]), **SPANISH)
        assert 'xml:lang="es"' in feed.text
        assert "Enlaces de Ana" in feed.text


class TestSwitch:
    def test_is_remembered_and_leads_back(self, client):
        response = choose(client, "es", next="/search/?q=a&page=2")
        assert response.url == "/search/?q=a&page=2"
        cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
        assert cookie.value == "es"
        assert cookie["max-age"] == 365 * 24 * 60 * 60
        assert '<html lang="es">' in client.get("/about/").text

    def test_counts_more_than_what_the_browser_asks_for(self, client):
        choose(client, "en", next="/")
        assert '<html lang="en">' in client.get("/about/", **SPANISH).text

    def test_leads_to_no_other_site(self, client):
        assert choose(client, "es", next="https://www.example.org/").url == "/"

    def test_knows_no_other_languages(self, client):
        choose(client, "fr", next="/")
        assert '<html lang="es">' in client.get("/about/", **SPANISH).text

    def test_is_on_every_page_and_names_each_language_in_itself(self, client):
        page = client.get("/search/?q=a&page=2", **SPANISH).text
        assert 'value="/search/?q=a&amp;page=2"' in page
        assert '<span class="py-1" lang="es" aria-current="true">Español</span>' in page
        assert "English</button>" in page


class TestWhatIsSentOrKept:
    def test_a_mail_is_in_the_language_of_who_asked_for_it(self, client):
        UserFactory(username="ana", email="ana@example.org")
        client.post(reverse("account_reset_password"), {"email": "ana@example.org"}, **SPANISH)
        (message,) = mail.outbox
        assert "Elige una contraseña nueva" in message.subject
        assert "Tu nombre de usuario es ana." in message.body
        assert "Somebody" not in message.body

    def test_the_record_of_staff_is_in_the_sites_language(self):
        with override("es"):
            services.suspend(person=UserFactory(), by=ModeratorFactory(), reason="Spam.")
        assert LogEntry.objects.get().change_message == "Suspended: Spam."

    def test_a_reported_message_is_named_in_the_language_of_each_reader(self):
        message = MessageFactory(sender__username="ana")
        with override("es"):
            case = report(target=message, reporter=message.recipient, reason="spam").case
            assert str(case) == "Un mensaje de @ana"
        assert str(case) == "A message from @ana"

    @pytest.mark.parametrize("language", ["en", "es"])
    def test_a_case_that_may_tell_nothing_any_more_says_so(self, language):
        case = report(target=CollectionFactory(), reporter=UserFactory(), reason="spam").case
        case.title = ""
        with override(language):
            assert (
                str(case) == {"en": "Deleted: collection", "es": "Eliminado: colección"}[language]
            )

    def test_an_import_is_in_the_language_of_who_began_it(self):
        person = UserFactory()
        with override("es"):
            bookmark_import = imports.start(
                person=person, file_name="a.html", data=b'<DT><A HREF="https://a.example/">A</A>'
            )
        imports.run_slice(bookmark_import.pk)
        collection = person.collections.get()
        assert collection.name == "Marcadores importados"
        assert collection.description == "Importados de un archivo de marcadores."

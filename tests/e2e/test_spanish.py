"""The main job in Spanish, by somebody whose browser asks for it: no English word of ours."""

import re
import uuid

import polib
import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.e2e.test_follows import add_links, make_collection
from tests.e2e.test_messages import write

CATALOG = settings.LOCALE_PATHS[0] / "es" / "LC_MESSAGES" / "django.po"
# Whatever is filled in, and whatever is markup, parts what stays the same on every page.
GAP = re.compile(r"%\(\w+\)[sd]|\{\w+\}|<[^>]*>")
# Words that no Spanish sentence has; they also tell of texts that no catalog knows.
TELLING = re.compile(
    r"\b(the|and|your|you|with|this|that|from|what|will|are|was|have|for|by|of|to|it|is|not)\b",
    re.IGNORECASE,
)
# What other people wrote may be English: theirs are whole collections in cards.
READ = """(except_in) => {
    const found = [];
    const attributes = ["aria-label", "title", "placeholder", "alt", "content"];
    const read = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.matches("script, style") || (except_in && node.closest(except_in))) continue;
            if (node.content instanceof DocumentFragment) read(node.content);
            for (const { name, value } of node.attributes)
                // One small word there is a name that scripts know.
                if (attributes.includes(name) || (name.startsWith("data-") && /[ A-Z]/.test(value)))
                    found.push(value);
            for (const child of node.childNodes)
                if (child.nodeType === Node.TEXT_NODE) found.push(child.data);
        }
    };
    read(document);
    return found.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""


def english():
    """Return the texts of ours that Spanish says otherwise, and the longer parts of these."""
    entries = [
        entry for entry in polib.pofile(str(CATALOG)) if "format" not in (entry.msgctxt or "")
    ]
    spanish = {text for entry in entries for text in [entry.msgstr, *entry.msgstr_plural.values()]}
    ours = {text for entry in entries for text in [entry.msgid, entry.msgid_plural] if text}
    ours -= spanish
    parts = {" ".join(part.split()) for text in ours for part in GAP.split(text)}
    return ours, {part for part in parts if len(part.split()) >= 3}


WHOLE, PARTS = english()


def left_in_english(texts):
    for text in texts:
        is_sentence = " " in text and not text.startswith(("{", "width="))
        tells = is_sentence and TELLING.search(text)
        if tells or text in WHOLE or any(part in text for part in PARTS):
            yield text


def check(page, *, except_in=None):
    """Look at every text of `page`, but for what lies in elements that match `except_in`."""
    expect(page.locator("html")).to_have_attribute("lang", "es")
    texts = page.evaluate(READ, except_in)
    assert "Saltar al contenido" in texts
    assert list(left_in_english(texts)) == [], page.url


@pytest.fixture
def clara(visitor, site):
    """Return the page of a new member whose browser asks for Spanish."""
    page = visitor(locale="es-ES")
    page.username = f"clara{uuid.uuid4().hex[:6]}"
    page.goto("/")
    check(page, except_in="main .card")
    page.get_by_role("main").get_by_role("link", name="Registrarse").click()
    check(page)
    page.locator("[name=username]").fill(page.username)
    page.locator("[name=email]").fill(f"{page.username}@example.org")
    for name in ("password1", "password2"):
        page.locator(f"[name={name}]").fill("una frase bastante larga")
    page.get_by_role("main").get_by_role("button", name="Registrarse").click()
    expect(page.get_by_role("main")).to_contain_text("Te hemos enviado un enlace")
    check(page)
    page.goto(site.mailed_link("/confirm-email/"))
    check(page)
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Inicio")
    return page


def collect(page):
    """Make a collection, and add a link to it."""
    page.get_by_role("link", name="Nueva colección").first.click()
    check(page)
    page.get_by_role("button", name="Crear la colección").click()
    page.locator("[name=name]").fill("Lenguas")
    page.locator("[name=description]").fill("Lenguas que quiero aprender.")
    page.get_by_role("button", name="Crear la colección").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lenguas")
    check(page)
    page.get_by_role("main").get_by_role("link", name="Añadir un enlace").first.click()
    check(page)
    page.locator("[name=url]").fill("https://example.org/gramatica")
    page.locator("[name=title]").fill("Gramática")
    page.get_by_role("button", name="Añadir el enlace").click()
    expect(
        page.get_by_role("main").get_by_role("link", name="Gramática", exact=True)
    ).to_be_visible()
    check(page)
    page.get_by_role("main").get_by_role("link", name="Actividad").click()
    expect(page.get_by_role("main").get_by_role("article")).to_contain_text("ha añadido Gramática")
    check(page)


def follow(page, other):
    page.goto(f"/users/{other.username}/")
    check(page)
    page.get_by_role("main").get_by_role("button", name="Seguir").click()
    expect(page.get_by_role("main").get_by_role("button", name="Dejar de seguir")).to_be_visible()
    check(page)


def test_a_newcomer_does_the_main_job_and_reads_no_english(clara, newcomers, site):
    (bob,) = newcomers("Bob")
    check(clara)
    assert "Si has sido" in site.log()
    assert "gave this address" not in site.log().split(clara.username)[-2]
    collect(clara)
    follow(clara, bob)

    # Bob reads English; what he writes is Spanish.
    add_links(bob, make_collection(bob, "Cocina"), ["pan", "queso"])
    clara.goto("/")
    expect(clara.get_by_role("region", name="Inicio").get_by_role("article").first).to_contain_text(
        "ha añadido 2 enlaces a Cocina"
    )
    check(clara)

    clara.goto(f"/messages/with/{bob.username}/")
    check(clara)
    clara.locator("[name=body]").fill("Hola, Bob.")
    clara.get_by_role("button", name="Enviar").click()
    expect(clara.get_by_role("main").get_by_text("Hola, Bob.")).to_be_visible()
    check(clara)
    write(bob, clara, "Hola, Clara.")
    clara.goto("/messages/")
    expect(clara.get_by_role("main")).to_contain_text("Hola, Clara.")
    check(clara)

    bob.goto(f"/users/{clara.username}/")
    bob.get_by_role("main").get_by_role("button", name=f"Follow {clara.username}").click()
    expect(bob.get_by_role("main").get_by_role("button", name="Unfollow").first).to_be_visible()
    clara.goto("/notifications/")
    expect(clara.get_by_role("main").get_by_role("article").first).to_contain_text("te sigue")
    check(clara)


ADDRESSES = [
    "/users/{}/",
    "/users/{}/activity/",
    "/users/{}/followers/",
    "/users/{}/following/",
    "/search/?q=nada-de-nada",
    "/settings/data/",
    "/settings/reports/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/about/",
    "/nowhere/",
]


def test_what_else_is_read_has_no_english_either(clara):
    for address in ADDRESSES:
        clara.goto(address.format(clara.username))
        check(clara)


def test_the_language_is_changed_in_the_footer_without_scripts(visitor):
    page = visitor(scripts=False, locale="es-ES")
    page.goto("/search/?q=pan")
    page.get_by_role("contentinfo").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_url(re.compile(r"/search/\?q=pan$"))
    page.goto("/about/")
    page.get_by_role("contentinfo").get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Acerca de")

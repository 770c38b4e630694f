"""A verb that `feeds` does not know, on Home with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.e2e.site import Site

FOLLOW = """
from accounts.models import User
from feeds.outbox.delivery import deliver_pending
from follows.models import Follow
people = User.objects
Follow.objects.follow(people.get(username="{ben}"), people.get(username="{ana}"))
deliver_pending()
"""
RECOMMEND = """
from accounts.models import User
from collections_app.models import Collection
from feeds.outbox.delivery import deliver_pending
from tests.throwaway_verb.models import Recommendation
for reason in {reasons}:
    Recommendation.objects.create(
        recommender=User.objects.get(username="{ana}"),
        collection=Collection.objects.get(pk=1),
        reason=reason,
    )
deliver_pending()
print(Collection.objects.get(pk=1).name)
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("throwaway")
    with Site(folder, DJANGO_SETTINGS_MODULE="tests.throwaway_verb.settings") as running:
        yield running


@pytest.mark.parametrize(
    ("reasons", "words"), [(["One."], "recommends"), (["One.", "Two."], "gives 2 reasons to read")]
)
def test_home_shows_new_verb(site, newcomers, visitor, sign_in, reasons, words):
    ana, ben = newcomers("Ana", "Ben")
    site.shell(FOLLOW.format(ana=ana.username, ben=ben.username))
    ben.goto("/")
    expect(ben.get_by_role("heading", name="Home")).to_be_visible()
    name = site.shell(RECOMMEND.format(ana=ana.username, reasons=reasons)).splitlines()[-1]

    ben.get_by_role("button", name="1 new").click()
    assert_shows(ben, f"Ana {words} {name}", reasons)
    plain = visitor(scripts=False)
    sign_in(plain, ben.username)
    plain.goto("/")
    assert_shows(plain, f"Ana {words} {name}", reasons)
    for page in (ben, plain):
        page.get_by_role("main").get_by_role("link", name=name).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)


def assert_shows(page, headline, reasons):
    article = page.get_by_role("main").get_by_role("article")
    expect(article).to_have_count(1)
    expect(article).to_contain_text(headline)
    expect(article.get_by_role("listitem")).to_have_text(reasons[::-1])

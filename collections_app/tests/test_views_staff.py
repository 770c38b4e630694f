import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.tests.factories import SuperuserFactory

pytestmark = pytest.mark.django_db

REASON = {"reason": "Sells watches."}


@pytest.fixture(params=["collection", "link"])
def acts(request, link):
    """Return a target and the URLs to hide and to restore it."""
    target, suffix = (link, "_link") if request.param == "link" else (link.collection, "")
    return target, [reverse(f"collections:{act}{suffix}", args=[target.pk]) for act in ACTS]


ACTS = ("hide", "restore")


def test_moderator_hides_and_restores_with_reason(signed_in, moderator, acts):
    target, (hide, restore) = acts
    assert signed_in(moderator).get(hide).status_code == 200
    page = signed_in(moderator).post(hide, REASON, follow=True)
    assert page.status_code == 200
    assert "is hidden." in page.text
    target.refresh_from_db()
    assert target.is_hidden
    assert target.hidden_reason == "Sells watches."
    assert "is back." in signed_in(moderator).post(restore, REASON, follow=True).text
    target.refresh_from_db()
    assert not target.is_hidden
    records = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(records) == ["Hidden: Sells watches.", "Restored: Sells watches."]


def test_second_moderator_is_informed(signed_in, moderator, acts):
    _target, (hide, _restore) = acts
    signed_in(moderator).post(hide, REASON)
    page = signed_in(SuperuserFactory()).post(hide, {"reason": "Me too."}, follow=True)
    assert "Somebody else did that already." in page.text
    assert LogEntry.objects.count() == 1


def test_hiding_needs_a_reason(signed_in, moderator, acts):
    target, urls = acts
    for url in urls:
        for reason in ("", "   ", "x" * 501):
            assert signed_in(moderator).post(url, {"reason": reason}).status_code == 422
    target.refresh_from_db()
    assert not target.is_hidden


def test_no_author_or_stranger_hides_or_restores(client, signed_in, ana, ben, moderator, acts):
    target, (hide, restore) = acts
    for url in (hide, restore):
        client.logout()
        assert client.get(url).url.startswith(reverse("account_login"))
        assert client.post(url, REASON).url.startswith(reverse("account_login"))
        for person in (ana, ben):
            for response in (signed_in(person).get(url), signed_in(person).post(url, REASON)):
                assert response.status_code == 403
                assert "Only moderators may hide and restore." in response.text
    signed_in(moderator).post(hide, REASON)
    assert signed_in(ana).post(restore, REASON).status_code == 403
    assert signed_in(ben).post(restore, REASON).status_code == 404
    target.refresh_from_db()
    assert target.is_hidden


def test_unknown_row_cannot_be_hidden(signed_in, moderator):
    for name in ("hide", "restore", "hide_link", "restore_link"):
        url = reverse(f"collections:{name}", args=[999])
        assert signed_in(moderator).post(url, REASON).status_code == 404

"""Pictures of links in moderation, feeds, search and Stream's client."""

import pytest
from stream.exceptions import InputException, StreamApiException
from stream_django.client import stream_client

from accounts.tests.factories import ModeratorFactory
from collections_app import services
from collections_app.tests.factories import ContentFactory
from collections_app.tests.foreign import foreign_site
from feeds.timeline.readers import fetch
from moderation.models import LogRecord
from previews.tests.factories import make_picture

pytestmark = pytest.mark.django_db


def test_removed_picture_is_logged():
    link = ContentFactory(picture=make_picture())
    texts = {"url": link.url, "title": link.title, "description": link.description}
    more = {"picture": "", "by": ModeratorFactory(), "reason": "Not a picture of this."}
    assert services.update_link(link=link, **texts, **more).picture is None
    assert LogRecord.objects.latest("pk").changes == {"image": [link.image, ""]}


def test_feeds_show_local_picture(client, deliver):
    picture = make_picture()
    link = ContentFactory(picture=picture)
    assert image_in_feed(link, deliver) == f"/pictures/{picture.pk}.webp"
    page = client.get(f"{link.collection.get_absolute_url()}activity/").text
    assert f'src="/pictures/{picture.pk}.webp"' in page
    services.update_link(link=link, url=link.url, title="A", description="", picture="")
    assert image_in_feed(link, deliver) == ""
    page = client.get(f"{link.collection.get_absolute_url()}activity/").text
    assert 'src="/pictures/' not in page


def test_search_shows_picture(client):
    link = ContentFactory(picture=make_picture(), title="Needle")
    assert f'src="{link.image}"' in client.get("/search/?q=needle").text


def image_in_feed(link, deliver):
    deliver()
    (activity,) = fetch("collection", str(link.collection_id), limit=5)["results"]
    return activity["image"]


@pytest.mark.django_db(transaction=True)
def test_stream_client_reads_open_graph(settings):
    with foreign_site(settings) as site:
        found = stream_client.og(site.url("page"))
        assert found["title"] == "Open title"
        assert found["images"] == [{"image": site.url("picture.png")}]
        assert found["original_url"] == site.url("page")
        for url in (site.url("missing"), "http://127.0.0.1/", "http://169.254.169.254/latest/"):
            with pytest.raises(InputException, match="couldn't find og data"):
                stream_client.og(url)


def test_feed_token_cannot_read_pages():
    """Refuse the tokens in pages, with which anyone could make this site fetch URLs."""
    token = stream_client.create_jwt_token("*", "read", feed_id="collection1")
    with pytest.raises(StreamApiException) as refused:
        stream_client.get("og/", token, params={"url": "https://example.org/"})
    assert refused.value.status_code == 403

import pytest
from django.http import Http404

from previews.models import picture_url
from previews.tests.factories import make_picture
from previews.views import picture as show

pytestmark = [pytest.mark.django_db, pytest.mark.urls("previews.tests.urls")]


def test_picture_is_immutable_webp(rf):
    picture = make_picture()
    answer = show(rf.get(picture.get_absolute_url()), picture.pk)
    assert (answer.status_code, answer.content) == (200, bytes(picture.content))
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    again = rf.get("/", headers={"If-None-Match": answer["ETag"]})
    assert show(again, picture.pk).status_code == 304


def test_picture_url_is_its_hash(client):
    picture = make_picture()
    assert picture.get_absolute_url() == f"/pictures/{picture.pk}.webp"
    assert client.get(picture.get_absolute_url()).status_code == 200
    assert picture_url("") == ""


def test_an_unknown_picture_is_not_found(rf):
    with pytest.raises(Http404):
        show(rf.get("/"), "0" * 64)


def test_picture_view_is_read_only(rf):
    assert show(rf.post("/"), make_picture().pk).status_code == 405
    assert show.is_background

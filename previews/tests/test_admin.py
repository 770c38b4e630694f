import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model

from previews.admin import PictureAdmin
from previews.models import Picture
from previews.tests.factories import make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.urls("previews.tests.urls")]


def test_picture_admin_is_read_only(rf):
    request = rf.get("/")
    request.user = get_user_model()(is_staff=True, is_superuser=True, is_active=True)
    pictures = PictureAdmin(Picture, admin.site)
    made = make_picture()
    found = pictures.get_queryset(request).get()
    assert "content" in found.get_deferred_fields()
    assert f'src="{made.get_absolute_url()}"' in pictures.shown(found)
    assert pictures.has_view_permission(request)
    for allowed in ("add", "change", "delete"):
        assert not getattr(pictures, f"has_{allowed}_permission")(request)

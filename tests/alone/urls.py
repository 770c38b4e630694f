"""The addresses of the bare project: of its apps, of the admin, and what templates link to."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path

# The feed server's middleware knows its addresses; the leaf apps have none.
HAS_PAGES = settings.APP != "feedserver" and find_spec(f"{settings.APP}.urls")
OWN = [path("", include(f"{settings.APP}.urls"))] if HAS_PAGES else []
NEEDED = [path("", include("notifications.urls"))] if settings.APP == "messaging" else []
PEOPLE = [path("people/", LoginView.as_view(), name="directory")]

urlpatterns = [
    *OWN,
    *NEEDED,
    path("people/", include((PEOPLE, "accounts"))),
    path("admin/", admin.site.urls),
]

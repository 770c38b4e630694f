"""The addresses of the bare project: of its apps, of the admin, and what templates link to."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import include, path

# A feed server has addresses of its own: its middleware knows them.
OWN = [] if settings.APP == "feedserver" else [path("", include(f"{settings.APP}.urls"))]
NEEDED = [path("", include("notifications.urls"))] if settings.APP == "messaging" else []
PEOPLE = [path("people/", LoginView.as_view(), name="directory")]

urlpatterns = [
    *OWN,
    *NEEDED,
    path("people/", include((PEOPLE, "accounts"))),
    path("admin/", admin.site.urls),
]

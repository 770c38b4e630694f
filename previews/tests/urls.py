"""URLs of a project that has only this app."""

from django.urls import include, path

urlpatterns = [path("", include("previews.urls"))]

"""Addresses of a project that has this app alone."""

from django.urls import include, path

urlpatterns = [path("", include("previews.urls"))]

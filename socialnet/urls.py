"""Every address of the site; the embedded feed server's are answered by its middleware."""

from django.contrib import admin
from django.urls import include, path

from socialnet import views

handler400 = "socialnet.errors.bad_request"
handler403 = "socialnet.errors.permission_denied"
handler404 = "socialnet.errors.page_not_found"
handler429 = "socialnet.errors.too_many_requests"  # asked for by django-allauth
handler500 = "socialnet.errors.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("robots.txt", views.robots, name="robots"),
    path("users/<str:username>/", views.profile, name="profile"),
    path("users/<str:username>/activity/", views.profile_activity, name="profile_activity"),
    path("collections/", include("collections_app.urls")),
    path("feeds/", include("feeds.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
]

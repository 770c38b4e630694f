"""Every address of the site; the embedded feed server's are answered by its middleware."""

from django.contrib import admin
from django.urls import include, path

from socialnet.views import home, notifications, profile

handler400 = "socialnet.errors.bad_request"
handler403 = "socialnet.errors.permission_denied"
handler404 = "socialnet.errors.page_not_found"
handler429 = "socialnet.errors.too_many_requests"  # asked for by django-allauth
handler500 = "socialnet.errors.server_error"

urlpatterns = [
    path("", home.home, name="home"),
    path("about/", home.about, name="about"),
    path("robots.txt", home.robots, name="robots"),
    path("users/<str:username>/", profile.profile, name="profile"),
    path("users/<str:username>/activity/", profile.profile_activity, name="profile_activity"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/seen/", notifications.mark_seen, name="notifications_seen"),
    path("notifications/read/", notifications.mark_read, name="notification_read"),
    path("notifications/read/all/", notifications.mark_all_read, name="notifications_read"),
    path("", include("notifications.urls")),
    path("", include("messaging.urls")),
    path("", include("moderation.urls")),
    path("", include("follows.urls")),
    path("collections/", include("collections_app.urls")),
    path("feeds/", include("feeds.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
]

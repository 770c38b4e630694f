"""URLs of the site. FeedServerMiddleware answers those of the embedded feed server."""

from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from collections_app.atom import PersonFeed
from socialnet.views import data, health, home, links, notifications, profile

handler400 = "socialnet.errors.bad_request"
handler403 = "socialnet.errors.permission_denied"
handler404 = "socialnet.errors.page_not_found"
handler429 = "socialnet.errors.too_many_requests"  # for django-allauth
handler500 = "socialnet.errors.server_error"

urlpatterns = [
    path("", home.home, name="home"),
    path("about/", home.about, name="about"),
    path("language/", require_POST(set_language), name="set_language"),
    path("robots.txt", home.robots, name="robots"),
    path("healthz", health.healthz, name="healthz"),
    path("healthz/feeds", health.healthz_feeds, name="healthz_feeds"),
    path("users/<str:username>/", profile.profile, name="profile"),
    path("users/<str:username>/activity/", profile.profile_activity, name="profile_activity"),
    path("users/<str:username>/feed.atom", PersonFeed(), name="profile_feed"),
    path("links/where/", links.where, name="where_is_link"),
    path("settings/data/", data.your_data, name="your_data"),
    path("settings/data/download/", data.download, name="download_data"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/seen/", notifications.mark_seen, name="notifications_seen"),
    path("notifications/read/", notifications.mark_read, name="notification_read"),
    path("notifications/read/all/", notifications.mark_all_read, name="notifications_read"),
    path("", include("notifications.urls")),
    path("", include("messaging.urls")),
    path("", include("moderation.urls")),
    path("", include("follows.urls")),
    path("search/", include("search.urls")),
    path("", include("previews.urls")),
    path("collections/", include("collections_app.urls")),
    path("feeds/", include("feeds.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
]

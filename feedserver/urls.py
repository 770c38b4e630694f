"""The addresses of Stream's feed API v1.0 (protocol notes, section 1)."""

from django.urls import include, path

from feedserver.views import activities, feeds, follows, objects, users

# More precise addresses come first: a feed's activity may be named by nearly anything.
feed = [
    path("", feeds.feed),
    path("follows/", follows.feed_following),
    path("following/", follows.feed_following),
    path("followers/", follows.feed_followers),
    path("follows/<str:target>/", follows.feed_followed),
    path("following/<str:target>/", follows.feed_followed),
    path("<path:activity_id>/", feeds.feed_activity),
]

version = [
    path("feed/<str:slug>/<str:user_id>/", include(feed)),
    path("enrich/feed/<str:slug>/<str:user_id>/", feeds.enriched_feed),
    path("activities/", activities.collection),
    path("enrich/activities/", activities.enriched_collection),
    path("follow_many/", follows.many_followed),
    path("unfollow_many/", follows.many_unfollowed),
    path("user/", users.all_users),
    path("user/<str:user_id>/", users.one_user),
    path("collections/", objects.all_objects),
    path("collections/<str:collection>/", objects.collection_objects),
    path("collections/<str:collection>/<str:object_id>/", objects.one_object),
]

urlpatterns = [path("api/v1.0/", include(version))]

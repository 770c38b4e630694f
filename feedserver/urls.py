"""The URLs of Stream's Activity Feeds API, version 1.0."""

from django.urls import include, path

from feedserver.views import (
    activities,
    feeds,
    follows,
    objects,
    partial_updates,
    reactions,
    services,
    users,
)

# The more specific paths come first: the foreign id of an activity may contain nearly anything.
feed = [
    path("", feeds.feed),
    path("follows/", follows.feed_following),
    path("following/", follows.feed_following),
    path("followers/", follows.feed_followers),
    path("follows/<str:target>/", follows.feed_followed),
    path("following/<str:target>/", follows.feed_followed),
    path("<path:activity_id>/", feeds.feed_activity),
]

reaction = [
    path("", reactions.all_reactions),
    path("get_many/", reactions.many_reactions),
    path("activity_id/<str:value>/", reactions.reactions_of_activity),
    path("activity_id/<str:value>/<str:kind>/", reactions.reactions_of_activity),
    path("reaction_id/<str:value>/", reactions.reactions_of_reaction),
    path("reaction_id/<str:value>/<str:kind>/", reactions.reactions_of_reaction),
    path("user_id/<str:value>/", reactions.reactions_of_user),
    path("user_id/<str:value>/<str:kind>/", reactions.reactions_of_user),
    path("<str:name>/", reactions.one_reaction),
    path("<str:name>/restore/", reactions.restored_reaction),
]

version = [
    path("feed/add_to_many/", feeds.many_feeds),
    path("feed/<str:slug>/<str:user_id>/", include(feed)),
    path("enrich/feed/<str:slug>/<str:user_id>/", feeds.enriched_feed),
    path(
        "feed_targets/<str:slug>/<str:user_id>/activity_to_targets/",
        partial_updates.activity_targets,
    ),
    path("activity/", partial_updates.activity_parts),
    path("activities/", activities.collection),
    path("enrich/activities/", activities.enriched_collection),
    path("follow_many/", follows.many_followed),
    path("unfollow_many/", follows.many_unfollowed),
    path("stats/follow/", follows.follow_stats),
    path("reaction/", include(reaction)),
    path("users/", users.many_users),
    path("user/", users.all_users),
    path("user/<str:user_id>/", users.one_user),
    path("collections/", objects.all_objects),
    path("collections/<str:collection>/", objects.collection_objects),
    path("collections/<str:collection>/<str:object_id>/", objects.one_object),
    path("og/", services.og),
    path("audit_logs/", services.audit_logs),
]

analytics = [
    path("engagement/", services.analytics),
    path("impression/", services.analytics),
]

urlpatterns = [
    path("api/v1.0/", include(version)),
    path("analytics/v1.0/", include(analytics)),
    # Stream's other services, and unknown ones.
    path("<str:service>/v1.0/<path:rest>", services.unknown_service),
]

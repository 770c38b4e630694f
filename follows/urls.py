from django.urls import path

from follows import views

app_name = "follows"

people = "users/<str:username>/"
collections = "collections/<int:pk>/"

urlpatterns = [
    path(f"{people}follow/", views.FollowPersonView.as_view(), name="follow"),
    path(f"{people}unfollow/", views.UnfollowPersonView.as_view(), name="unfollow"),
    path(f"{people}followers/", views.FollowersView.as_view(), name="followers"),
    path(f"{people}following/", views.FollowingView.as_view(), name="following"),
    path(
        f"{people}following/collections/",
        views.FollowingCollectionsView.as_view(),
        name="following_collections",
    ),
    path(f"{collections}follow/", views.FollowCollectionView.as_view(), name="follow_collection"),
    path(
        f"{collections}unfollow/",
        views.UnfollowCollectionView.as_view(),
        name="unfollow_collection",
    ),
    path(
        f"{collections}followers/",
        views.CollectionFollowersView.as_view(),
        name="collection_followers",
    ),
]

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("users/", views.DirectoryView.as_view(), name="directory"),
    path("settings/profile/", views.EditProfileView.as_view(), name="edit_profile"),
    path("settings/delete/", views.DeleteAccountView.as_view(), name="delete"),
    path("settings/blocks/", views.BlocksView.as_view(), name="blocks"),
    path("users/<str:username>/block/", views.BlockView.as_view(), name="block"),
    path("users/<str:username>/unblock/", views.UnblockView.as_view(), name="unblock"),
    path("users/<str:username>/suspend/", views.SuspendView.as_view(), name="suspend"),
    path("users/<str:username>/lift/", views.UnsuspendView.as_view(), name="lift"),
]

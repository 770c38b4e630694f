from django.urls import path

from collections_app.atom import CollectionFeed
from collections_app.views import collections, imports, links, saving, staff

app_name = "collections"

urlpatterns = [
    path("", collections.ExploreView.as_view(), name="explore"),
    path("new/", collections.CreateCollectionView.as_view(), name="create"),
    path("add/", links.add_link, name="add_link"),
    path("import/", imports.ImportView.as_view(), name="import"),
    path("import/<int:pk>/", imports.ImportDetailView.as_view(), name="import_detail"),
    path("add/preview/", links.PreviewView.as_view(), name="preview_link"),
    path("<int:pk>/", collections.DetailView.as_view(), name="detail"),
    path("<int:pk>/activity/", collections.ActivityView.as_view(), name="activity"),
    path("<int:pk>/feed.atom", CollectionFeed(), name="feed"),
    path("<int:pk>/edit/", collections.EditCollectionView.as_view(), name="edit"),
    path("<int:pk>/delete/", collections.DeleteCollectionView.as_view(), name="delete"),
    path("<int:pk>/hide/", staff.HideCollectionView.as_view(), name="hide"),
    path("<int:pk>/restore/", staff.RestoreCollectionView.as_view(), name="restore"),
    path("links/<int:pk>/edit/", links.EditLinkView.as_view(), name="edit_link"),
    path("links/<int:pk>/move/", saving.MoveLinkView.as_view(), name="move_link"),
    path("links/<int:pk>/delete/", links.DeleteLinkView.as_view(), name="delete_link"),
    path("links/<int:pk>/hide/", staff.HideLinkView.as_view(), name="hide_link"),
    path("links/<int:pk>/restore/", staff.RestoreLinkView.as_view(), name="restore_link"),
]

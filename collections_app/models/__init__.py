from collections_app.models.collections import (
    Collection,
    CollectionQuerySet,
    Content,
    already_there,
)
from collections_app.models.imports import BookmarkImport
from collections_app.models.savings import SavedLink, Saving

__all__ = [
    "BookmarkImport",
    "Collection",
    "CollectionQuerySet",
    "Content",
    "SavedLink",
    "Saving",
    "already_there",
]

from collections_app.models.collections import (
    Collection,
    CollectionQuerySet,
    Content,
    duplicate_error,
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
    "duplicate_error",
]

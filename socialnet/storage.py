"""Storage of collected static files."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Files with hashed names, which ES modules also use to import each other."""

    support_js_module_import_aggregation = True

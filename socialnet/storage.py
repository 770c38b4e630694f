"""Where collected static files lie, and under which names."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names, also inside ES modules that import each other."""

    support_js_module_import_aggregation = True

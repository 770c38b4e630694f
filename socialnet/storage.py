"""Storage of collected static files."""

import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/site.css"
IMPORT = re.compile(r'@import "([^"]+)";\n')


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Files under hashed names, also inside ES modules, with our stylesheet in one file."""

    support_js_module_import_aggregation = True

    def post_process(self, paths, dry_run=False, **options):
        if STYLESHEET in paths and not dry_run:
            self.join_imports(paths)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def join_imports(self, paths):
        """Replace each `@import` of the stylesheet by the file that it names.

        Read the sources, as the file collected before may already be joined.
        """

        def read(name):
            storage, path = paths[name]
            with storage.open(path) as source:
                return source.read().decode()

        joined = IMPORT.sub(lambda match: read(f"css/{match[1]}"), read(STYLESHEET))
        self.delete(STYLESHEET)
        self.save(STYLESHEET, ContentFile(joined))
        paths[STYLESHEET] = (self, STYLESHEET)

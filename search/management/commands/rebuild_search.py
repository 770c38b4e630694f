from django.core.management.base import BaseCommand

from search import full_text
from search.index import INDEXED, rebuild


class Command(BaseCommand):
    help = (
        "Index everything that can be found, while the site goes on. "
        "Can be stopped at any time and started again."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--missing", action="store_true", help="only what is not in the index at all"
        )

    def handle(self, *args, missing, verbosity, **options):
        for model, (entries, *_) in INDEXED.items():
            name, done = model._meta.verbose_name_plural, 0
            for number in rebuild(model, missing=missing):
                done += number
                if verbosity and self.stdout.isatty():
                    self.stdout.write(f"\r{name}: {done}", ending="")
                    self.stdout.flush()
            if not missing:
                full_text.optimize(entries)
            if verbosity:
                start = "\r" if self.stdout.isatty() else ""
                self.stdout.write(f"{start}{name}: {done} indexed.")

from long_commands import LongCommand
from search import full_text
from search.index import INDEXED, rebuild, rows_to_index


class Command(LongCommand):
    help = (
        "Index everything that can be found, while the site goes on. "
        "Can be stopped at any time and started again."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--missing", action="store_true", help="only what is not in the index at all"
        )

    def run(self, *, missing, **options):
        for model, (entries, *_) in INDEXED.items():
            name = model._meta.verbose_name_plural
            total = rows_to_index(model, missing=missing).count()
            done = self.run_batches(name, rebuild(model, missing=missing), total)
            if not missing:
                full_text.optimize(entries)
            self.print(f"{name}: {done} indexed.")

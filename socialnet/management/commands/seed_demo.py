from django.core.management.base import BaseCommand, CommandError

from feeds.outbox.delivery import deliver_pending
from socialnet import demo


class Command(BaseCommand):
    help = "Make the demo people and their collections; run again, it adds only what is missing."

    def add_arguments(self, parser):
        parser.add_argument(
            "--remove", action="store_true", help="remove the demo people and all that is theirs"
        )

    def handle(self, *args, remove, **options):
        if remove:
            removed = demo.remove()
            self.stdout.write(f"{removed} demo people removed, with everything of theirs.")
        else:
            self.seed(verbosity=options["verbosity"])

    def seed(self, *, verbosity):
        if not demo.settings.DEMO_PASSWORD:
            raise CommandError("DEMO_PASSWORD is empty: set it, or let `make run` make one.")
        people, links = demo.make_people(), 0
        rows = [row for row in demo.collections() if row[0] in people]
        for position, (author, name, description, items, age) in enumerate(rows, start=1):
            links += demo.make_collection(
                author=people[author], name=name, description=description, links=items, age=age
            )
            if verbosity and self.stdout.isatty():
                self.stdout.write(f"\r{position} of {len(rows)} collections", ending="")
                self.stdout.flush()
        follows = demo.make_follows(people) if len(people) > 1 else 0
        messages = demo.make_messages(people)
        reports = demo.make_reports(people)
        deliver_pending()
        if verbosity:
            self.stdout.write(
                f"\rDemo: {len(people)} people, {len(rows)} collections, {links} new links, "
                f"{follows} new follows, {messages} new messages, "
                f"{reports} new reports."
            )

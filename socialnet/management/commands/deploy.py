from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.roles import sync_roles
from accounts.services import confirm
from feeds.outbox import without_entry


class Command(BaseCommand):
    help = (
        "Bring the database to this release: migrations, roles, superusers, Stream users. "
        "Safe to run on every release, and again."
    )

    def handle(self, *args, verbosity, **options):
        call_command("migrate", interactive=False, verbosity=min(verbosity, 1))
        sync_roles()
        confirmed = self.confirm_superusers()
        published = self.publish_people()
        if verbosity:
            self.stdout.write(
                f"Roles are in step; {confirmed} superusers confirmed, "
                f"{published} Stream users queued."
            )

    def confirm_superusers(self):
        unconfirmed = get_user_model().objects.filter(is_superuser=True, confirmed_at=None)
        for person in unconfirmed:
            confirm(person)
        return len(unconfirmed)

    def publish_people(self):
        from stream_django.feed_manager import feed_manager

        people = without_entry(get_user_model().objects.visible(), "set_user")
        count = 0
        for count, person in enumerate(people.iterator(), start=1):  # noqa: B007
            feed_manager.set_user(person)
        return count

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from accounts.roles import sync_roles
from accounts.services import confirm, create_stream_user


class Command(BaseCommand):
    help = (
        "Bring the database to this release: migrations, roles, superusers, Stream users, "
        "self-follows, what the search misses. "
        "Safe to run on every release, and again."
    )

    def handle(self, *args, verbosity, **options):
        call_command("migrate", interactive=False, verbosity=verbosity)
        sync_roles()
        confirmed = confirm_superusers()
        queued = publish_people()
        call_command("backfill_self_follows", verbosity=0)
        call_command("rebuild_search", missing=True, verbosity=0)
        if verbosity:
            self.stdout.write(
                f"Roles are in step; {confirmed} superusers confirmed, "
                f"{queued} Stream users queued."
            )


def confirm_superusers():
    """Confirm superusers who are not, as a flag set by hand leaves them; return how many."""
    unconfirmed = get_user_model().objects.filter(is_superuser=True, confirmed_at=None)
    return len([confirm(person) for person in unconfirmed])


def publish_people():
    """Queue a Stream user for each visible person who never had one; return how many."""
    people = get_user_model().objects.visible().filter(was_published=False)
    keys = list(people.values_list("pk", flat=True))
    for key in keys:
        create_stream_user(get_user_model().objects.get(pk=key))
    return len(keys)

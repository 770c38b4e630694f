import ipaddress
import logging
import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from socialnet import demo


class Command(BaseCommand):
    help = (
        "Prepare the database (and, the first time, the demo) and start the site and the feed "
        "worker. This is what `make run` calls."
    )

    def add_arguments(self, parser):
        parser.add_argument("--procfile", default="Procfile", help="what honcho runs")

    def handle(self, *args, procfile, **options):
        # The first start delivers hundreds of outbox entries; `announce` prints a summary instead.
        logging.getLogger("feeds").setLevel(logging.WARNING)
        first_run = not MigrationRecorder(connection).has_table()
        call_command("deploy", verbosity=0)
        if first_run:
            call_command("seed_demo", verbosity=options["verbosity"])
        self.refuse_public_demo()
        self.announce(first_run=first_run)
        connection.close()
        self.run_processes(procfile)

    def refuse_public_demo(self):
        """Refuse to listen publicly while there are demo accounts, whose password is printed."""
        if not is_loopback(settings.HOST) and demo.people().exists():
            raise CommandError(
                f"Demo accounts exist, so the site does not listen on {settings.HOST}. "
                "Remove them with `python manage.py seed_demo --remove`, or leave HOST out."
            )

    def announce(self, *, first_run):
        where = "embedded, in this site's database" if settings.FEEDS_EMBEDDED else "on Stream"
        lines = [f"{settings.SITE_NAME}: {settings.SITE_URL}", f"Feeds:    {where}"]
        if demo.people().exists():
            names = ", ".join(demo.people().values_list("username", flat=True).order_by("id"))
            moderator = demo.moderator_username()
            lines += [
                f"Sign in:  {settings.SITE_URL}/accounts/login/",
                f"          as {names} (moderator: {moderator})",
                f"          with the password {settings.DEMO_PASSWORD}",
            ]
        if first_run and demo.people().exists():
            lines.append(
                "Try:      two messages and three notifications wait for ana, "
                "two reports for grace."
            )
        self.stdout.write("\n".join(["", *lines, ""]))
        self.stdout.flush()

    def run_processes(self, procfile):
        """Replace this process with honcho, which runs the Procfile until a process ends."""
        bin_directory = Path(sys.executable).parent
        environment = {
            **os.environ,
            "PATH": f"{bin_directory}{os.pathsep}{os.environ.get('PATH', '')}",
            "PORT": str(settings.PORT),
            "HOST": settings.HOST,
            "WEB_THREADS": str(settings.WEB_THREADS),
            "PYTHONUNBUFFERED": "1",
        }
        os.chdir(settings.BASE_DIR)
        command = [str(bin_directory / "honcho"), "start", "--procfile", procfile]
        os.execve(command[0], [*command, "--port", str(settings.PORT)], environment)  # noqa: S606


def is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

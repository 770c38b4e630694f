import errno
import socket

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

# Connections in the accept queue; the kernel may allow fewer (net.core.somaxconn).
BACKLOG = 1024
MAX_THREADS = 128


class Command(BaseCommand):
    help = "Serve the feed API by itself: every address, and nothing else of the project."

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="where to listen")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--threads", type=int, default=8, help="that answer requests")
        parser.add_argument("--migrate", action="store_true", help="make the tables first")

    def handle(self, *args, host, port, threads, migrate, **options):
        if not 1 <= threads <= MAX_THREADS:
            raise CommandError(f"--threads must be 1 to {MAX_THREADS}.")
        check_port(host, port)
        if migrate:
            call_command("migrate", verbosity=0)
        # The serving process is forked from this one.
        connections.close_all()
        self.stdout.write(f"Feed server: http://{host}:{port}/api/v1.0/")
        self.stdout.flush()
        Granian(
            "feedserver.server:make_application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            factory=True,
            workers=1,
            blocking_threads=threads,
            backlog=BACKLOG,
            log_level=LogLevels.error,
        ).serve()


def check_port(host, port):
    """Raise CommandError if the port is in use: granian would share it with the other process."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            taken = getattr(error, "errno", None) == errno.EADDRINUSE
            reason = "another process listens there" if taken else error
            raise CommandError(f"Cannot listen on {host}:{port}: {reason}.")

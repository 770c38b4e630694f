from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class FeedsConfig(AppConfig):
    name = "feeds"
    verbose_name = _("Feeds")

    def ready(self):
        from stream_django.client import stream_client

        from feeds import answers, checks, conf  # noqa: F401

        if conf.is_embedded():
            mount_transport(conf.get("FEEDS_TRANSPORT"))
        elif server := conf.server():
            use_server(server)
        if stream_client:
            stream_client.session.hooks["response"] = [answers.heed]
        # stream-django switches tracking off before a migration and never on again.
        post_migrate.connect(track_again, dispatch_uid="feeds.track_again")


def mount_transport(path):
    """Let stream-django's client reach the embedded server in this process.

    The client is changed, not replaced: other modules hold it by name.
    """
    from stream_django.client import stream_client

    # Should the mount be missing, nothing leaves this machine.
    stream_client.base_domain_name = "localhost"
    # No proxy and no ~/.netrc, which could replace the Authorization header.
    stream_client.session.trust_env = False
    try:
        adapter = import_string(path)()
    except ImportError:
        return  # the check feeds.E003 says so, with a hint
    stream_client.session.mount("https://", adapter)
    stream_client.session.mount("http://", adapter)


def use_server(server):
    """Let stream-django's client call `server` (feeds.conf.Server) in place of Stream.

    The client has an option for that, which stream-django does not hand on. It calls "localhost"
    as it is, and puts "api." before any other host.
    """
    from stream_django.client import stream_client

    stream_client.protocol, stream_client.custom_api_port = server.protocol, server.port
    stream_client.base_domain_name = server.host.removeprefix("api.")
    stream_client.api_location = ""


def track_again(**kwargs):
    from stream_django.feed_manager import feed_manager

    feed_manager.enable_model_tracking()

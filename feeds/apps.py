from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from stream_django.client import stream_client
from stream_django.feed_manager import feed_manager

from feeds import conf


class FeedsConfig(AppConfig):
    name = "feeds"
    verbose_name = _("Feeds")

    def ready(self):
        from feeds import checks  # noqa: F401
        from feeds.doctor import repair  # noqa: F401 - registers the handler of mend_feed
        from feeds.stream.errors import check_response

        if conf.is_embedded():
            mount_transport(conf.get("FEEDS_TRANSPORT"))
        elif server := conf.server():
            use_server(server)
        if stream_client:
            stream_client.session.hooks["response"] = [check_response]
        # stream-django switches tracking off before a migration and never on again.
        post_migrate.connect(enable_tracking, dispatch_uid="feeds.enable_tracking")


def mount_transport(path):
    """Connect stream-django's client to the embedded server in this process.

    The client is changed, not replaced: other modules have imported it.
    """
    # If the mount is missing, no call leaves this machine.
    stream_client.base_domain_name = "localhost"
    # No proxy and no ~/.netrc, which could replace the Authorization header.
    stream_client.session.trust_env = False
    try:
        adapter = import_string(path)()
    except ImportError:
        return  # reported by the check feeds.E003
    stream_client.session.mount("https://", adapter)
    stream_client.session.mount("http://", adapter)


def use_server(server):
    """Connect stream-django's client to `server` (feeds.conf.Server) instead of Stream.

    The client has an option for that, which stream-django does not pass on. It calls "localhost"
    as it is, and puts "api." before any other host.
    """
    stream_client.protocol, stream_client.custom_api_port = server.protocol, server.port
    stream_client.base_domain_name = server.host.removeprefix("api.")
    stream_client.api_location = ""


def enable_tracking(**kwargs):
    feed_manager.enable_model_tracking()

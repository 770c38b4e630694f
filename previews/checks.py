"""System checks of the settings."""

import ipaddress

from django.core.checks import Error, register

from previews import conf


@register()
def check_trusted_addresses(app_configs, **kwargs):
    try:
        are_loopback = all(
            ipaddress.ip_address(address).is_loopback for address, _port in conf.trusted_addresses()
        )
    except ValueError:
        are_loopback = False
    if are_loopback:
        return []
    return [
        Error(
            "PREVIEWS_TRUSTED_ADDRESSES holds something else than addresses of this machine.",
            hint='Write them as "127.0.0.1:8123", or leave the setting out.',
            id="previews.E001",
        )
    ]

"""Decide which URLs may be fetched: those of public hosts, by their IP addresses."""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES

from previews.errors import FetchRefused

PORTS = {"http": 80, "https": 443}
MAX_URL_LENGTH = 2048

# All allocated IPv6 addresses; this excludes "::/96", which contains IPv4 addresses.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# A public address at which machines in Azure reach their own platform.
AZURE = ipaddress.ip_network("168.63.129.16/32")
BLOCKED_NETWORKS = (*EXTRA_BLOCKED_NET_RANGES, AZURE)


def resolve(name, port):
    """Return the IP addresses of a host as texts, the preferred one first."""
    rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [row[4][0] for row in rows]


def is_public(address):
    """Return whether an IP address is on the public Internet."""
    if address.version == 6 and address not in GLOBAL_UNICAST:
        return False
    if address.is_multicast or not address.is_global:
        return False
    return not any(address in network for network in BLOCKED_NETWORKS)


@dataclass(frozen=True)
class Destination:
    """The host that a URL names, and the IP address to connect to."""

    name: str
    port: int
    address: str

    @property
    def literal(self):
        return f"[{self.address}]" if ":" in self.address else self.address


@dataclass(frozen=True)
class Rules:
    """The rules for URLs; `trusted` are pairs of loopback address and port that tests allow.

    `resolve(name, port)` is called once for every request, so that the connection goes to the
    address that was checked.
    """

    trusted: frozenset = frozenset()
    resolve: Callable = resolve
    ports: frozenset = frozenset(PORTS.values())

    def check(self, url):
        """Return the Destination of `url`; raises FetchRefused, OSError or ValueError."""
        parts = urlsplit(url)
        if len(url) > MAX_URL_LENGTH or parts.scheme not in PORTS or not parts.hostname:
            raise FetchRefused("Only http and https addresses are fetched.")
        if "@" in parts.netloc:
            raise FetchRefused("It holds a user name or a password.")
        port = parts.port or PORTS[parts.scheme]
        if port not in self.ports.union(trusted for _address, trusted in self.trusted):
            raise FetchRefused("Only ports 80 and 443 are fetched from.")
        return Destination(parts.hostname, port, self._choose(parts.hostname, port))

    def _choose(self, name, port):
        for text in self.resolve(name, port):
            address = ipaddress.ip_address(text)
            is_allowed = port in self.ports and is_public(address)
            if is_allowed or (str(address), port) in self.trusted:
                return str(address)
        raise FetchRefused("It leads to no machine of the public Internet.")

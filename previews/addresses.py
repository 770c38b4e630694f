"""Where may be fetched from: what an address leads to, and whether that is out in the world."""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES

from previews.errors import Refused

PORTS = {"http": 80, "https": 443}
LONGEST = 2048

# All of IPv6 that is handed out; so "::/96", which stands for IPv4 addresses, is not in it.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# A public address at which each machine in Azure finds the server that administers it.
AZURE = ipaddress.ip_network("168.63.129.16/32")
REFUSED = (*EXTRA_BLOCKED_NET_RANGES, AZURE)


def resolve(name, port):
    """Return the IP addresses of a host as texts, the one to be preferred first."""
    rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [row[4][0] for row in rows]


def is_public(address):
    """Whether an IP address belongs to some machine of the Internet, and to no network of ours."""
    if address.version == 6 and address not in GLOBAL_UNICAST:
        return False
    if address.is_multicast or not address.is_global:
        return False
    return not any(address in network for network in REFUSED)


@dataclass(frozen=True)
class Destination:
    """Where an address leads: what it calls the host, and which machine that is."""

    name: str
    port: int
    address: str

    @property
    def literal(self):
        return f"[{self.address}]" if ":" in self.address else self.address


@dataclass(frozen=True)
class Rules:
    """What may be fetched; `trusted` are pairs of loopback address and port that tests let through.

    `resolve(name, port)` is asked once for every request that is sent, so that what is vetted here
    is what is connected to.
    """

    trusted: frozenset = frozenset()
    resolve: Callable = resolve
    ports: frozenset = frozenset(PORTS.values())

    def vet(self, url):
        """Return the Destination of `url`; raises Refused, OSError (unknown) or ValueError."""
        parts = urlsplit(url)
        if len(url) > LONGEST or parts.scheme not in PORTS or not parts.hostname:
            raise Refused("Only http and https addresses are fetched.")
        if "@" in parts.netloc:
            raise Refused("It holds a user name or a password.")
        port = parts.port or PORTS[parts.scheme]
        if port not in self.ports.union(trusted for _address, trusted in self.trusted):
            raise Refused("Only ports 80 and 443 are fetched from.")
        return Destination(parts.hostname, port, self._choose(parts.hostname, port))

    def _choose(self, name, port):
        for text in self.resolve(name, port):
            address = ipaddress.ip_address(text)
            is_good = port in self.ports and is_public(address)
            if is_good or (str(address), port) in self.trusted:
                return str(address)
        raise Refused("It leads to no machine of the public Internet.")

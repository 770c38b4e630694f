"""Fetch from other sites, safely even if people choose the URLs.

Each request, also after a redirect, goes to an address that was checked (`previews.addresses`). The
size of a response is limited, and the caller waits for `seconds` at most, whatever the server does.
"""

import socket
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from urllib.parse import urljoin, urlsplit

from requests import RequestException
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from previews.addresses import Rules
from previews.errors import FetchError, FetchUnavailable

TIMEOUT = 5
MAX_REDIRECTS = 3
CHUNK_SIZE = 16 * 1024
ANY_HEADER_OF_ZLIB = 47
UNPACKED = {"gzip", "x-gzip", "deflate"}
COMPRESSIONS = {*UNPACKED, "br", "zstd", "compress", "x-compress", "dcb", "dcz"}
FETCH_ERRORS = (RequestException, HTTPError, HTTPException, OSError, ValueError, zlib.error)

# Waiting for a slow site occupies one of the threads that serve pages, so only a few may wait. A
# slot is freed only when its thread has finished; otherwise the next fetch queues behind it and
# times out.
MAX_CONCURRENT = 4
_slots = threading.BoundedSemaphore(MAX_CONCURRENT)
# Resolving a name cannot be interrupted, so it runs in a thread that the caller can abandon.
_threads = ThreadPoolExecutor(max_workers=MAX_CONCURRENT, thread_name_prefix="previews")


@dataclass(frozen=True)
class FetchOptions:
    """Options of a fetch: the content types, and how much to read.

    Reading stops after `limit` bytes, or at the end that `until().find(body)` returns. With
    `whole`, a response that reaches the limit is an error.
    """

    accept: str
    limit: int
    types: tuple = ()
    until: Callable | None = None
    whole: bool = False


@dataclass(frozen=True)
class Response:
    url: str
    content_type: str
    body: bytes


class Fetcher:
    """Fetches URLs within `rules`; `verify` is True or a file of certificates to trust."""

    def __init__(self, rules=None, *, user_agent="", verify=True):
        self.rules, self.verify = rules or Rules(), verify
        self.user_agent = user_agent.encode("ascii", "ignore").decode()

    def fetch(self, url, options, *, seconds=TIMEOUT):
        """Return the Response after `seconds` at most; raises FetchError.

        Raises FetchUnavailable at once if too many fetches are running.
        """
        if not _slots.acquire(blocking=False):
            raise FetchUnavailable("Too much is being fetched.")
        open_socket = OpenSocket()
        future = _threads.submit(self._follow, url, options, open_socket, seconds)
        future.add_done_callback(lambda done: _slots.release())
        try:
            return future.result(timeout=seconds)
        except TimeoutError:
            raise FetchError("It took too long.")
        finally:
            open_socket.shut_down()

    def _follow(self, url, options, open_socket, seconds):
        try:
            for _hop in range(MAX_REDIRECTS + 1):
                with (
                    self._session(open_socket) as session,
                    self._get(session, url, options, seconds) as response,
                ):
                    target = session.get_redirect_target(response)
                    if target is None:
                        return read_response(response, options, open_socket)
                    url = urljoin(url, target)
        except socket.gaierror as error:
            # If no name server answers, the name may exist.
            is_temporary = error.errno == socket.EAI_AGAIN
            raise (FetchUnavailable if is_temporary else FetchError)(str(error))
        except FETCH_ERRORS as error:
            raise FetchError(f"{type(error).__name__}: {error}"[:500])
        raise FetchError("It redirects too often.")

    def _session(self, open_socket):
        """Return a session for one request, so that no cookies are kept or sent."""
        session = HTTPSession(
            Config(
                ip_filter_enable=True,
                ip_filter_allow_loopback_ips=False,
                never_redirect=True,
                default_timeout=(TIMEOUT, TIMEOUT),
                user_agent_override=self.user_agent or None,
            )
        )
        # No proxies, and no passwords from ~/.netrc.
        session.trust_env, session.verify = False, self.verify
        for scheme in ("http", "https"):
            session.mount(f"{scheme}://", PinnedAdapter(scheme, self.rules, open_socket))
        return session

    def _get(self, session, url, options, seconds):
        headers = {"Accept": options.accept, "Accept-Encoding": "gzip"}
        return session.get(url, headers=headers, stream=True, timeout=(seconds, seconds))


class PinnedAdapter(IPFilterAdapter):
    """Connects to the IP address that was checked, because a name may resolve differently later.

    requests-hardened applies its own rules to that address as well.
    """

    def __init__(self, scheme, rules, open_socket):
        self.rules, self.open_socket = rules, open_socket
        super().__init__(is_https_proto=scheme == "https", allow_loopback=bool(rules.trusted))

    def build_connection_pool_key_attributes(self, request, verify, cert=None):
        destination = self.rules.check(request.url)
        parts = urlsplit(request.url)
        pinned = request.copy()
        pinned.url = f"{parts.scheme}://{destination.literal}:{destination.port}/"
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(
            pinned, verify, cert
        )
        request.headers["Host"] = parts.netloc
        if parts.scheme == "https":
            # The certificate must match the name, not the IP address.
            pool_kwargs |= dict.fromkeys(("assert_hostname", "server_hostname"), destination.name)
        return host_params, pool_kwargs

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        pool.ConnectionCls = partial(CONNECTIONS[pool.scheme], open_socket=self.open_socket)
        return pool


class OpenSocket:
    """The socket of the current request, which the caller can shut down after its timeout."""

    def __init__(self):
        self.socket, self.is_shut_down = None, False

    def attach(self, opened):
        self.socket = opened
        if self.is_shut_down:
            self.shut_down()

    def shut_down(self):
        """End all reading; the timeout of a socket restarts with each byte that arrives."""
        self.is_shut_down = True
        if self.socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


class TrackedMixin:
    def __init__(self, *args, open_socket, **kwargs):
        self.open_socket = open_socket
        super().__init__(*args, **kwargs)

    def connect(self):
        super().connect()
        self.open_socket.attach(self.sock)


class TrackedConnection(TrackedMixin, HTTPConnection):
    pass


class TrackedSecureConnection(TrackedMixin, HTTPSConnection):
    pass


CONNECTIONS = {"http": TrackedConnection, "https": TrackedSecureConnection}


def read_response(response, options, open_socket):
    """Return the Response for a response of requests, read as far as `options` say."""
    content_type = response.headers.get("Content-Type", "")
    if response.status_code != 200:
        raise FetchError(f"It was answered with {response.status_code}.")
    if options.types and content_type.partition(";")[0].strip().lower() not in options.types:
        raise FetchError(f"It is {content_type[:100]!r}.")
    unpack = make_decompressor(response.headers.get("Content-Encoding", ""))
    end = options.until() if options.until else None
    body, received = bytearray(), 0
    while received < options.limit and len(body) < options.limit and not open_socket.is_shut_down:
        # Not decoded by urllib3, which would decompress without a limit.
        chunk = response.raw.read1(min(CHUNK_SIZE, options.limit - received), decode_content=False)
        if not chunk:
            break
        received += len(chunk)
        body += unpack(chunk, options.limit - len(body))
        position = end.find(body) if end else None
        if position is not None:
            # What else has arrived depends on the network.
            del body[position:]
            break
    if options.whole and max(received, len(body)) >= options.limit:
        raise FetchError("It is too large.")
    return Response(response.url, content_type, bytes(body))


def make_decompressor(encodings):
    """Return a function (chunk, limit) that decompresses a chunk to at most `limit` bytes.

    Like browsers, it ignores names in `encodings` that are no compression, such as "UTF-8".
    """
    names = [name.strip().lower() for name in encodings.split(",")]
    names = [name for name in names if name in COMPRESSIONS]
    if not names:
        return lambda chunk, limit: chunk[:limit]
    if len(names) == 1 and names[0] in UNPACKED:
        return zlib.decompressobj(ANY_HEADER_OF_ZLIB).decompress
    raise FetchError(f"It is packed as {encodings[:100]!r}.")

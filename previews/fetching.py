"""Fetching from foreign sites, for people who may want to reach something else by it.

Each request goes to a machine that was vetted (`previews.addresses`), redirects too; no more than
asked for is read; and whoever asks waits no longer than `seconds`, whatever the other side does.
"""

import socket
import threading
import zlib
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
from previews.errors import NotFetched, NotNow

SECONDS = 5
MOST_REDIRECTS = 3
CHUNK = 16 * 1024
ANY_HEADER_OF_ZLIB = 47
WRONG = (RequestException, HTTPError, HTTPException, OSError, ValueError, zlib.error)

# Who waits for a slow site keeps one of the threads that answer requests from answering others. A
# turn ends with its own thread: the next one's would wait for that, and be blamed for it.
AT_ONCE = 4
_turns = threading.BoundedSemaphore(AT_ONCE)
# Finding out what a name leads to cannot be cut short: who waits does so beside it.
_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="previews")


@dataclass(frozen=True)
class Wish:
    """What is asked for: at most `limit` bytes, of one of `types` if any, only `until` these.

    With `whole`, what is longer is nothing.
    """

    accept: str
    limit: int
    types: tuple = ()
    until: bytes = b""
    whole: bool = False


@dataclass(frozen=True)
class Answer:
    url: str
    content_type: str
    body: bytes


class Fetcher:
    """`rules` decide what may be reached; `verify` is True or a file of certificates to trust."""

    def __init__(self, rules=None, *, user_agent="", verify=True):
        self.rules, self.verify = rules or Rules(), verify
        self.user_agent = user_agent.encode("ascii", "ignore").decode()

    def fetch(self, url, wish, *, seconds=SECONDS):
        """Return the Answer, after `seconds` at most; raises NotFetched.

        That is NotNow where it was not even asked for: at once if too much else is.
        """
        if not _turns.acquire(blocking=False):
            raise NotNow("Too much is being fetched.")
        line = Line()
        future = _threads.submit(self._follow, url, wish, line, seconds)
        future.add_done_callback(lambda done: _turns.release())
        try:
            return future.result(timeout=seconds)
        except TimeoutError:
            raise NotFetched("It took too long.")
        finally:
            line.cut()

    def _follow(self, url, wish, line, seconds):
        try:
            for _hop in range(MOST_REDIRECTS + 1):
                with self._session(line) as session, self._ask(session, url, wish, seconds) as got:
                    target = session.get_redirect_target(got)
                    if target is None:
                        return read(got, wish, line)
                    url = urljoin(url, target)
        except socket.gaierror as error:
            # No name server answers: that is said of no name that there is or is not.
            kind = NotNow if error.errno == socket.EAI_AGAIN else NotFetched
            raise kind(str(error))
        except WRONG as error:
            raise NotFetched(f"{type(error).__name__}: {error}"[:500])
        raise NotFetched("It redirects too often.")

    def _session(self, line):
        """Return a session that lasts for one request: it has no cookies, and sends none on."""
        session = HTTPSession(
            Config(
                ip_filter_enable=True,
                ip_filter_allow_loopback_ips=False,
                never_redirect=True,
                default_timeout=(SECONDS, SECONDS),
                user_agent_override=self.user_agent or None,
            )
        )
        # No proxies, and no passwords from ~/.netrc.
        session.trust_env, session.verify = False, self.verify
        for scheme in ("http", "https"):
            session.mount(f"{scheme}://", VettedAdapter(scheme, self.rules, line))
        return session

    def _ask(self, session, url, wish, seconds):
        headers = {"Accept": wish.accept, "Accept-Encoding": "gzip"}
        return session.get(url, headers=headers, stream=True, timeout=(seconds, seconds))


class VettedAdapter(IPFilterAdapter):
    """Connect to the very machine that was vetted: a name may lead elsewhere when asked again.

    requests-hardened then looks at the number of that machine with rules of its own.
    """

    def __init__(self, scheme, rules, line):
        self.rules, self.line = rules, line
        super().__init__(is_https_proto=scheme == "https", allow_loopback=bool(rules.trusted))

    def build_connection_pool_key_attributes(self, request, verify, cert=None):
        destination = self.rules.vet(request.url)
        parts = urlsplit(request.url)
        pinned = request.copy()
        pinned.url = f"{parts.scheme}://{destination.literal}:{destination.port}/"
        host_params, pool_kwargs = super().build_connection_pool_key_attributes(
            pinned, verify, cert
        )
        request.headers["Host"] = parts.netloc
        if parts.scheme == "https":
            # The certificate must be that of the name, not of the number.
            pool_kwargs |= dict.fromkeys(("assert_hostname", "server_hostname"), destination.name)
        return host_params, pool_kwargs

    def get_connection_with_tls_context(self, request, verify, proxies=None, cert=None):
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        pool.ConnectionCls = partial(CONNECTIONS[pool.scheme], line=self.line)
        return pool


class Line:
    """The socket that is open at the moment, for whoever has waited long enough to cut."""

    def __init__(self):
        self.socket, self.is_cut = None, False

    def hold(self, opened):
        self.socket = opened
        if self.is_cut:
            self.cut()

    def cut(self):
        """End all reading: a timeout of a socket begins anew with each byte that trickles in."""
        self.is_cut = True
        if self.socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


class HeldMixin:
    def __init__(self, *args, line, **kwargs):
        self.line = line
        super().__init__(*args, **kwargs)

    def connect(self):
        super().connect()
        self.line.hold(self.sock)


class HeldConnection(HeldMixin, HTTPConnection):
    pass


class HeldSecureConnection(HeldMixin, HTTPSConnection):
    pass


CONNECTIONS = {"http": HeldConnection, "https": HeldSecureConnection}


def read(response, wish, line):
    """Return the Answer that `response` gives, as far as it is wished for."""
    content_type = response.headers.get("Content-Type", "")
    if response.status_code != 200:
        raise NotFetched(f"It was answered with {response.status_code}.")
    if wish.types and content_type.partition(";")[0].strip().lower() not in wish.types:
        raise NotFetched(f"It is {content_type[:100]!r}.")
    unpack = unpacker(response.headers.get("Content-Encoding", ""))
    body, received = bytearray(), 0
    while received < wish.limit and len(body) < wish.limit and not line.is_cut:
        # As it comes: urllib3 would unpack without end what is packed without end.
        chunk = response.raw.read1(min(CHUNK, wish.limit - received), decode_content=False)
        if not chunk:
            break
        received += len(chunk)
        overlap = max(0, len(body) - len(wish.until))
        body += unpack(chunk, wish.limit - len(body))
        if wish.until and wish.until in body[overlap:].lower():
            break
    if wish.whole and max(received, len(body)) >= wish.limit:
        raise NotFetched("It is too large.")
    return Answer(response.url, content_type, bytes(body))


def unpacker(encoding):
    """Return a function of a chunk and a limit that unpacks it to no more bytes than that."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return lambda chunk, limit: chunk[:limit]
    if encoding in {"gzip", "x-gzip", "deflate"}:
        return zlib.decompressobj(ANY_HEADER_OF_ZLIB).decompress
    raise NotFetched(f"It is packed as {encoding[:100]!r}.")

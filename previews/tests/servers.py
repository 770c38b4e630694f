"""Sites on this machine with real sockets, whose responses tests choose."""

import socket
import threading
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer


class ForeignSite(ThreadingTCPServer):
    """A site that responds to a path with the bytes in `answers[path]`, a list or a generator.

    The query is ignored. `requests` has the head of each request as text.
    """

    allow_reuse_address = daemon_threads = True
    block_on_close = False

    def __init__(self, address, answers):
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, Handler)
        self.answers, self.requests = answers, []
        self.ending = threading.Event()

    def handle_error(self, request, client_address):
        """Ignore clients that close the connection."""


class Handler(BaseRequestHandler):
    def handle(self):
        self.request.settimeout(10)
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.request.recv(65536)
            if not piece:
                return
            head += piece
        text = head.decode("latin-1")
        self.server.requests.append(text)
        path = text.split(" ")[1].partition("?")[0]
        answer = self.server.answers.get(path, [page(status="404 Not Found")])
        with suppress(OSError):
            for piece in answer() if callable(answer) else answer:
                if self.server.ending.is_set():
                    return
                self.request.sendall(piece)


@contextmanager
def serving(answers, host="127.0.0.1", port=0, wrap=None):
    """Run a ForeignSite; `wrap` turns its socket into another kind."""
    site = ForeignSite((host, port), answers)
    if wrap:
        site.socket = wrap(site.socket)
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.ending.set()
        site.shutdown()
        site.server_close()
        thread.join()


def page(
    body=b"", *, status="200 OK", content_type="text/html; charset=utf-8", length=True, **more
):
    """Return a complete HTTP response; underscores in names of headers become dashes."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}"]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    if length:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body


def redirect(target, status="302 Found"):
    return page(status=status, Location=target)

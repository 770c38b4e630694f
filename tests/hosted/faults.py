"""A proxy that stands before the feed server and does to its calls what networks do.

with Proxy(port, to=server.port) as proxy:
    with proxy.failing(reset):
        ...
"""

import contextlib
import http.client
import itertools
import json
import os
import select
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

SETTLE_SECONDS = 30
# What one connection means to the next one, not to whoever asked.
OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "date"}
CLOSED_AT_ONCE = struct.pack("ii", 1, 0)


class Answer(NamedTuple):
    status: int
    headers: list
    body: bytes


def pass_on(call):
    call.answer(call.perform())


def refuse(call):
    """Answer nobody: while this is the fault the proxy does not even listen."""


def stall(seconds):
    """Return the fault of an answer that takes so long; what was asked for is done after that."""

    def stalled(call):
        time.sleep(seconds)
        pass_on(call)

    return stalled


def reset(call):
    """Let the server do its work, then break the connection in the middle of its answer."""
    call.answer_partly(call.perform())


def rate_limit(call):
    call.answer(error(429, 9, "RateLimitReached", "Too many requests.", ("Retry-After", "1")))


def error(status, code, name, detail, *headers):
    """Return an error as Stream words it."""
    body = {"code": code, "detail": detail, "exception": name, "status_code": status}
    content = json.dumps({**body, "duration": "0.00ms"}).encode()
    return Answer(status, [("Content-Type", "application/json"), *headers], content)


def reject(call):
    """Answer as Stream does to what it will never take."""
    call.answer(error(400, 4, "InputException", "This is refused for good."))


def fail(call):
    call.answer(Answer(500, [("Content-Type", "text/html")], b"<h1>Internal Server Error</h1>"))


def garble(call):
    """Answer as a proxy does that knows nothing of Stream: all is well, and nothing is done."""
    call.answer(Answer(200, [("Content-Type", "text/html")], b"<!doctype html><p>Welcome!"))


def misroute(call):
    """Answer as a proxy does that lost the way to Stream: it knows of no such address."""
    call.answer(Answer(404, [("Content-Type", "text/html")], b"<h1>Not Found</h1>"))


def half(*faults):
    """Return the fault of every second call, each of `faults` in turn."""
    turns = itertools.cycle([step for fault in faults for step in (fault, pass_on)])
    lock = threading.Lock()

    def sometimes(call):
        with lock:
            fault = next(turns)
        fault(call)

    return sometimes


class Proxy:
    """Pass on calls from `port` to the port `to` of this machine, under the `fault` of the moment.

    `calls` counts those that came in, `performed` those that reached the server, and `most_at_once`
    is how many were under way together.
    """

    def __init__(self, port, *, to):
        self.port, self.to = port, to
        self.calls = self.performed = self.most_at_once = 0
        self.fault = pass_on
        self.listener, self.connections, self.running = None, set(), set()
        self.lock = threading.Lock()

    def __enter__(self):
        self.listen()
        return self

    def __exit__(self, *exception):
        self.hang_up()

    @contextlib.contextmanager
    def failing(self, fault):
        self.set(fault)
        try:
            yield
        finally:
            self.mend()

    def set(self, fault):
        self.fault = fault
        if fault is refuse:
            self.hang_up()
        elif not self.listener:
            self.listen()

    def mend(self):
        """Pass everything on again, once the calls that are still stalled have ended."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while not (self.is_quiet() and self.is_quiet()) and time.monotonic() < deadline:
            pass
        self.set(pass_on)

    def is_quiet(self):
        """Return whether no call is open, and none arrives for a moment."""
        sockets = [*self.connections, *([self.listener] if self.listener else [])]
        with contextlib.suppress(OSError, ValueError):  # one was closed just now
            return not select.select(sockets, [], [], 0.01)[0] and not self.running
        return False

    def listen(self):
        self.listener = Listener(("127.0.0.1", self.port), Call)
        self.listener.proxy = self
        threading.Thread(target=self.listener.serve_forever, args=[0.05], daemon=True).start()

    def hang_up(self):
        """Close the port and every connection."""
        if self.listener:
            self.listener.shutdown()
            self.listener.server_close()
            self.listener = None
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def count_call(self):
        with self.lock:
            self.calls += 1
            self.most_at_once = max(self.most_at_once, len(self.running))

    def count_performed(self):
        with self.lock:
            self.performed += 1


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def process_request(self, request, client_address):
        self.proxy.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.proxy.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Say nothing: whoever asked may have gone, which a stalled call means to provoke."""


class Call(BaseHTTPRequestHandler):
    """One call at a time of one connection."""

    protocol_version = "HTTP/1.1"

    def parse_request(self):
        self.server.proxy.running.add(self)
        return super().parse_request()

    def handle_call(self):
        proxy = self.server.proxy
        self.content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        proxy.count_call()
        try:
            proxy.fault(self)
        finally:
            proxy.running.discard(self)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = handle_call  # noqa: N815

    def perform(self):
        """Return the Answer of the server."""
        proxy = self.server.proxy
        proxy.count_performed()
        server = http.client.HTTPConnection("127.0.0.1", proxy.to, timeout=SETTLE_SECONDS)
        with contextlib.closing(server):
            server.request(self.command, self.path, self.content, dict(self.headers))
            answer = server.getresponse()
            body = answer.read()
        headers = [pair for pair in answer.getheaders() if pair[0].lower() not in OF_A_CONNECTION]
        return Answer(answer.status, headers, body)

    def answer(self, answer):
        self.send_head(answer)
        self.wfile.write(answer.body)

    def answer_partly(self, answer):
        self.send_head(answer)
        self.wfile.write(answer.body[: len(answer.body) // 2])
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSED_AT_ONCE)
        os.close(self.connection.detach())
        self.close_connection = True

    def send_head(self, answer):
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()

    def log_message(self, *arguments):
        """Say nothing."""

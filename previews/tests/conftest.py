"""One machine that may be reached, and the same port of this machine on which none may be."""

import itertools
from contextlib import ExitStack
from urllib.parse import quote

import pytest

from previews import addresses
from previews.fetching import Fetcher
from previews.tests import corpus
from previews.tests.servers import page, serving

SECRET = {"/secret": [page("<title>secret</title>")], "/": [page("<title>secret</title>")]}
OUTSIDE = {"/plain": [page("<title>Plain</title>")], **corpus.CHAIN} | {
    f"/{quote(name)}": answer
    for answers in (corpus.REDIRECTS, corpus.ANSWERS, corpus.PAGES)
    for name, answer in answers.items()
}


@pytest.fixture(scope="module")
def network():
    """Serve the sites `outside` and `inside` (several), all on `port`."""
    with ExitStack() as stack:
        outside = stack.enter_context(serving({}, corpus.OUTSIDE))
        port = outside.server_address[1]
        outside.answers.update({path: with_port(answer, port) for path, answer in OUTSIDE.items()})
        inside = [stack.enter_context(serving(SECRET, host, port)) for host in corpus.INSIDE]
        yield Network(outside, inside, port)


def with_port(answer, port):
    if callable(answer):
        return answer
    return [piece.replace(b"{port}", str(port).encode()) for piece in answer]


class Network:
    def __init__(self, outside, inside, port):
        self.outside, self.inside, self.port = outside, inside, port
        self.looked_up = []

    @property
    def reached(self):
        """What was asked of sites that nobody may ask."""
        return [head for site in self.inside for head in site.asked]

    def resolve(self, name, port):
        """Answer for the names of the corpus by what they lead to now, for all others as usual."""
        self.looked_up.append(name)
        if name not in corpus.NAMES:
            return addresses.resolve(name, port)
        times = self.looked_up.count(name) - 1
        return corpus.NAMES[name][min(times, len(corpus.NAMES[name]) - 1)]

    def fetcher(self, **options):
        self.looked_up.clear()
        rules = addresses.Rules(
            trusted=frozenset({(corpus.OUTSIDE, self.port)}),
            resolve=self.resolve,
            ports=frozenset({80, 443, self.port}),  # so that no port saves what listens inside
        )
        return Fetcher(rules, **options)

    def url(self, path, host="outside.test"):
        return f"http://{host}:{self.port}/{quote(path)}"


def ids(names):
    """Return short names of cases for pytest."""
    return [f"{number}-{name[:30]!a}" for number, name in zip(itertools.count(), names)]

"""Records of the methods that conformance tests call, for the table in feedserver/clients.md.

A record is (client, method, test, result). A result is "works", the error of the server ("404
DoesNotExistException"), or the class of an error that the client raised itself ("raises
ValueError").
"""

import asyncio
import inspect
from typing import NamedTuple

from stream.client import AsyncStreamClient, StreamClient
from stream.collections.collections import AsyncCollections, Collections
from stream.exceptions import StreamApiException
from stream.feed.feeds import AsyncFeed, Feed
from stream.personalization.personalizations import AsyncPersonalization, Personalization
from stream.reactions.reaction import AsyncReactions, Reactions
from stream.users.user import AsyncUsers, Users

WORKS = "works"

# The parts of the Python client, synchronous and asynchronous, by the names its users know.
PARTS = {
    "client": (StreamClient, AsyncStreamClient),
    "feed": (Feed, AsyncFeed),
    "collections": (Collections, AsyncCollections),
    "reactions": (Reactions, AsyncReactions),
    "users": (Users, AsyncUsers),
    "personalization": (Personalization, AsyncPersonalization),
}
NAMES = {part: name for name, parts in PARTS.items() for part in parts}


class Record(NamedTuple):
    client: str
    method: str
    test: str
    result: str


class Recorded:
    """A wrapper of a part of the Python client that records calls.

    Coroutines are run to completion, so that one test serves both clients.
    """

    def __init__(self, part, record):
        self._part, self._record = part, record

    def __getattr__(self, attribute):
        value = getattr(self._part, attribute)
        if type(value) in NAMES:
            return Recorded(value, self._record)
        return self._recorded(attribute, value) if inspect.ismethod(value) else value

    def _recorded(self, attribute, method):
        name = f"{NAMES[type(self._part)]}.{attribute}"

        def call(*args, **kwargs):
            try:
                result = method(*args, **kwargs)
                if inspect.isawaitable(result):
                    result = asyncio.run(_finished(result))
            except Exception as error:
                self._record(name, result_of(error))
                raise
            self._record(name, WORKS)
            return Recorded(result, self._record) if type(result) in NAMES else result

        return call


async def _finished(awaitable):
    return await awaitable


def result_of(error):
    """Return the result for an error that the Python client raised."""
    if isinstance(error, StreamApiException):
        return f"{error.status_code} {type(error).__name__}"
    return f"raises {type(error).__name__}"


def python_methods():
    """Return the names of all public methods of the installed Python client."""
    return {
        f"{name}.{attribute}"
        for name, parts in PARTS.items()
        for part in parts
        for attribute, _ in inspect.getmembers(part, inspect.isfunction)
        if not attribute.startswith("_")
    }

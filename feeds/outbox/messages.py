"""The message that an outbox entry is written from. This module imports no models."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """An operation on the row `instance`; `key` is the feed that is written to or followed."""

    operation: str
    instance: Any
    key: str
    details: dict = field(default_factory=dict)

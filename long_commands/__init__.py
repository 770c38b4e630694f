"""A base class of long management commands, for every app but `feedserver`, which stands alone."""

from long_commands.commands import LongCommand, from_position, on_signals

__all__ = ["LongCommand", "from_position", "on_signals"]

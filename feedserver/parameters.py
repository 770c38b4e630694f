"""Values of the query string."""

import re

from feedserver.errors import InvalidInput

_TRUE = {"true", "1"}
_FALSE = {"false", "0", ""}
_NUMBER = re.compile(r"[0-9]{1,9}")


def read_number(query, name, *, default, maximum=None):
    """Return a number ≥ 0, at most `maximum`."""
    text = query.get(name, "")
    if text == "":
        return default
    if not _NUMBER.fullmatch(text):
        raise InvalidInput(f"'{name}' must be a number, 0 or more.", field=name)
    return int(text) if maximum is None else min(int(text), maximum)


def read_flag(query, name):
    """Return a boolean; clients also send False, each in the spelling of its language."""
    text = query.get(name, "").lower()
    if text not in _TRUE | _FALSE:
        raise InvalidInput(f"'{name}' must be true or false.", field=name)
    return text in _TRUE


def read_list(query, name, *, maximum=None):
    """Return the values of a comma-separated list; the parameter may be repeated."""
    parts = [part for value in query.getlist(name) for part in value.split(",") if part]
    if maximum is not None and len(parts) > maximum:
        raise InvalidInput(f"'{name}' may hold at most {maximum} values.", field=name)
    return parts

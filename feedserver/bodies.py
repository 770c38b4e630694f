"""The JSON body of a request, and checks of its values."""

import json
import math

from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError

from feedserver.errors import BodyTooLarge, InvalidInput

# Bytes of an activity, or of the data of a user, an object or a reaction.
MAX_BYTES = 10 * 1024
_MAX_DEPTH = 100


def read_json(request):
    """Return the value of the body.

    Reject values that SQLite or PostgreSQL cannot store (NUL, lone surrogates, infinite numbers),
    and extreme nesting.
    """
    try:
        value = json.loads(_read(request), parse_constant=_reject, parse_float=_parse_float)
    except (ValueError, RecursionError):
        raise InvalidInput("The body must be valid JSON.")
    check_value(value)
    return value


def check_value(value):
    """Raise InvalidInput for a value that `read_json` would reject."""
    try:
        _check(value, _MAX_DEPTH)
    except ValueError:
        raise InvalidInput("The body must be valid JSON.")


def read_object(request):
    value = read_json(request)
    if not isinstance(value, dict):
        raise InvalidInput("The body must be a JSON object.")
    return value


def read_batch(value, *, name, maximum):
    """Return `value` if it is a list of at most `maximum` objects."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InvalidInput(f"'{name}' must be a list of objects.", field=name)
    if len(value) > maximum:
        raise InvalidInput(f"'{name}' may hold at most {maximum} items.", field=name)
    return value


def check_size(value, label):
    """Raise InvalidInput for a `value` that is larger than `MAX_BYTES` as JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MAX_BYTES:
        raise InvalidInput(f"{label} may be at most 10 KB large.")


def _read(request):
    try:
        return request.body
    except RequestDataTooBig:
        raise BodyTooLarge("The body is too large.")
    except UnreadablePostError:
        raise InvalidInput("The body could not be read.")


def _reject(constant):
    raise ValueError(constant)


def _parse_float(text):
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _check(value, depth):
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("NUL")
        value.encode()
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth)
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)


def as_text(value, numbers=(int,)):
    """Return a number as text, and other values unchanged: clients send ids as either."""
    is_number = isinstance(value, numbers) and not isinstance(value, bool)
    return str(value) if is_number else value

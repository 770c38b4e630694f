"""The JSON of a request's body, and the checks that every part of it goes through."""

import json
import math

from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError

from feedserver.errors import BodyTooLarge, InvalidInput

# Bytes of what is stored at once: an activity, or the data of anything else.
LARGEST = 10 * 1024
_DEEPEST = 100


def read_json(request):
    """Return the value that the body holds.

    Refuses what one of the two databases could not store: NUL, half surrogates, numbers that are
    none, and nesting beyond any use.
    """
    try:
        value = json.loads(_read(request), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise InvalidInput("The body must be valid JSON.")
    check_value(value)
    return value


def check_value(value):
    """Raise InvalidInput for a value that no body may hold; see `read_json`."""
    try:
        _check(value, _DEEPEST)
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


def check_size(value, what):
    """Raise InvalidInput for a `value` that as JSON is larger than `LARGEST`; `what` names it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > LARGEST:
        raise InvalidInput(f"{what} may be at most 10 KB large.")


def _read(request):
    try:
        return request.body
    except RequestDataTooBig:
        raise BodyTooLarge("The body is too large.")
    except UnreadablePostError:
        raise InvalidInput("The body could not be read.")


def _refuse(constant):
    raise ValueError(constant)


def _finite(text):
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
    """Return a number as its digits, anything else as it is: clients send ids as either."""
    is_number = isinstance(value, numbers) and not isinstance(value, bool)
    return str(value) if is_number else value

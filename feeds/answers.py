"""Telling Stream's answers from those of whatever else may answer in its place."""


class NotStreamError(Exception):
    """What answered was not Stream: a proxy, say, in an outage."""


def answered(result):
    """Return `result` if it is Stream's, which always tells its duration.

    The client takes any JSON object without an `exception` for success, whatever its status.
    """
    if "duration" not in result:
        raise NotStreamError("the answer has no duration")
    return result

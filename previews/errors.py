class NotFetched(Exception):
    """A foreign page or picture is not to be had; the text says why."""


class Refused(NotFetched):
    """It was not even asked for, because of where it is."""


class NotNow(NotFetched, ConnectionError):
    """It was not asked for because of how things are here: another time it may be had."""

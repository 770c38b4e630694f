class NotFetched(Exception):
    """A foreign page or picture is not to be had; the text says why."""


class Refused(NotFetched):
    """It was not even asked for, because of where it is."""


class Busy(NotFetched):
    """It was not asked for because so much else is being fetched: another time it may be had."""

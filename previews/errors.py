class FetchError(Exception):
    """A page or picture of another site cannot be fetched; the text gives the reason."""


class FetchRefused(FetchError):
    """The URL is not allowed, so nothing was requested."""


class FetchUnavailable(FetchError, ConnectionError):
    """Nothing was requested because of a temporary condition here; a later attempt may succeed."""

"""The errors of the API, with the status, code and name that clients receive."""

MORE_INFO = "https://getstream.io/docs/api_error_responses"

# The tests of the official JavaScript client compare this text.
NO_PERMISSION = (
    "You do not have permission to do this, you got this error because there are no policies "
    "allowing this request on this application. Please consult the documentation "
    "https://getstream.io/docs/"
)


class ApiError(Exception):
    """An error that is sent to the client.

    `name` is `exception` in the body: without it the Python client takes an error for a result.
    """

    status = 400
    code = 4
    name = "InputException"
    headers = {}

    def __init__(self, detail, *, field=None):
        super().__init__(detail)
        self.detail = detail
        self.field = field

    def body(self):
        """Return the fields of the response."""
        fields = {"exception_fields": {self.field: [self.detail]}} if self.field else {}
        return {
            "detail": self.detail,
            "status_code": self.status,
            "code": self.code,
            "exception": self.name,
            **fields,
            "more_info": MORE_INFO,
        }


class InvalidInput(ApiError):
    pass


class MissingUser(ApiError):
    status, code, name = 400, 10, "MissingUserException"


class UnknownRanking(ApiError):
    status, code, name = 400, 12, "MissingRankingException"


class AggregationError(ApiError):
    status, code, name = 400, 14, "AggregationException"


class ServiceUnavailable(ApiError):
    status, code, name = 503, -1, "ServiceUnavailableException"


class UnknownApiKey(ApiError):
    status, code, name = 401, 2, "ApiKeyException"


class InvalidToken(ApiError):
    status, code, name = 401, 3, "SignatureException"


class UnknownGroup(ApiError):
    status, code, name = 400, 6, "FeedConfigException"


class NotFound(ApiError):
    status, code, name = 404, 16, "DoesNotExistException"


class NotAllowed(ApiError):
    status, code, name = 403, 17, "NotAllowedException"

    def __init__(self, detail=NO_PERMISSION):
        super().__init__(detail)


class MethodNotAllowed(ApiError):
    status, code, name = 405, 17, "NotAllowedException"

    def __init__(self, method, allowed):
        super().__init__(f"Method '{method}' not allowed.")
        self.headers = {"Allow": ", ".join(allowed)}


class BodyTooLarge(ApiError):
    status, code, name = 413, 18, "RequestTooLargeException"


class Conflict(ApiError):
    status, code, name = 409, 22, "ConflictException"


class InternalError(ApiError):
    status, code, name = 500, -1, "InternalException"

    def __init__(self):
        super().__init__("Internal server error.")

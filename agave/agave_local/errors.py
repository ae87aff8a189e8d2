"""The tenant's own errors: it plays the server, so each one is an answer.

LocalTenantError(status, code, message)
├── BadRequest 400
├── Unauthorized 401
├── Forbidden 403
│   └── NotSubscribed         the client of the token may not call this API
├── NotFound 404
├── MethodNotAllowed 405
├── Conflict 409
├── Gone 410
├── PayloadTooLarge 413
├── UriTooLong 414
├── RangeNotSatisfiable 416
├── TooMany 429
├── Unavailable 503
├── InsufficientStorage 507
└── NotImplementedHere 501    names the operation; never a silent 200
"""


class LocalTenantError(Exception):
    """A refusal that the caller reads in the service's envelope.

    Attributes:
        status: HTTP status of the answer.
        code: stable word for logs and tests.
        message: sentence for the caller.
    """

    status = 500
    code = "internal"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(LocalTenantError):
    """The request itself is wrong."""

    status = 400
    code = "bad_request"


class Unauthorized(LocalTenantError):
    """Nobody, or somebody whose token is no longer good.

    Attributes:
        fault: gateway fault code of WSO2: 900901 invalid, 900902 missing,
            900904 expired.
    """

    status = 401
    code = "unauthorized"

    def __init__(self, message: str, fault: int = 900901) -> None:
        super().__init__(message)
        self.fault = fault


class Forbidden(LocalTenantError):
    """Known, but without the right."""

    status = 403
    code = "forbidden"


class NotSubscribed(Forbidden):
    """A token whose client does not subscribe to the API that is called.

    Attributes:
        fault: gateway fault code of WSO2.
    """

    code = "not_subscribed"
    fault = 900908


class NotFound(LocalTenantError):
    """No such thing, or none that the caller may know of."""

    status = 404
    code = "not_found"


class MethodNotAllowed(LocalTenantError):
    """A known address, called in a way it does not know."""

    status = 405
    code = "method_not_allowed"


class Conflict(LocalTenantError):
    """The thing is not in a state that allows this."""

    status = 409
    code = "conflict"


class Gone(LocalTenantError):
    """A thing that was there once, and will not come back."""

    status = 410
    code = "gone"


class PayloadTooLarge(LocalTenantError):
    """More bytes than the tenant takes at once."""

    status = 413
    code = "payload_too_large"


class UriTooLong(LocalTenantError):
    """An address that nobody writes by accident."""

    status = 414
    code = "uri_too_long"


class RangeNotSatisfiable(LocalTenantError):
    """A byte range that lies outside the file."""

    status = 416
    code = "range_not_satisfiable"


class TooMany(LocalTenantError):
    """Too often, or too many at once; the caller may come back later.

    Attributes:
        retry_after: seconds after which it is worth a try; None where unknown.
    """

    status = 429
    code = "too_many"

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(LocalTenantError):
    """The tenant starts or stops; it will be there again soon.

    Attributes:
        retry_after: seconds after which it is worth a try.
    """

    status = 503
    code = "unavailable"

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InsufficientStorage(LocalTenantError):
    """The disk is full; nothing of the request was kept."""

    status = 507
    code = "insufficient_storage"


class NotImplementedHere(LocalTenantError):
    """An operation of the contract that this tenant does not have yet."""

    status = 501
    code = "not_implemented"

    def __init__(self, operation: str) -> None:
        super().__init__(f"The local tenant does not implement {operation}.")

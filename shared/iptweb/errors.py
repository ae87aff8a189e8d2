"""Every error this library raises on purpose, as one tree.

```
IptwebError                        message for people, code for machines
├── ConfigError                    500 internal: a setting is missing or malformed
├── ActorProtocolError             400 bad_request: MSG is not what we speak
│   └── ResultTooLarge             413 payload_too_large: over the frame limit
├── ViewError                      raised by views and services, becomes the answer
│   ├── BadRequest                 400 bad_request
│   ├── Unauthorized               401 unauthorized
│   ├── Forbidden                  403 forbidden
│   ├── NotFound                   404 not_found
│   ├── MethodNotAllowed           405 method_not_allowed
│   ├── Conflict                   409 conflict
│   ├── PayloadTooLarge            413 payload_too_large
│   ├── Unprocessable              422 unprocessable
│   └── TooMany                    429 too_many
├── UpstreamError                  the platform behind us: `service`, `upstream_status`
│   ├── AgaveUnavailable           503 upstream_unavailable: no answer, timeout, 5xx
│   │   └── SystemUnreachable      503 system_unreachable: the machine of a job is away
│   ├── AgaveRefused               502 upstream_refused: a 4xx that we did not expect
│   └── TokenExpired               401 token_expired: the user's token
└── TerminalError                  502 terminal_failed
    ├── HostUnreachable            502
    ├── HostKeyMismatch            502
    ├── HostsFull                  429 too_many: no room, which becomes a place in line
    ├── LaunchFailed               502
    ├── LaunchUnderWay             409 conflict: somebody else's start is not at its end
    ├── RecordMoved                409 conflict: it was changed at the same moment
    └── IllegalTransition          409 conflict
```

Libraries raise; only `iptweb.runtime.entry` catches and renders.
"""

from typing import ClassVar

__all__ = [
    "ActorProtocolError",
    "AgaveRefused",
    "AgaveUnavailable",
    "BadRequest",
    "ConfigError",
    "Conflict",
    "Forbidden",
    "HostKeyMismatch",
    "HostUnreachable",
    "HostsFull",
    "IllegalTransition",
    "IptwebError",
    "LaunchFailed",
    "LaunchUnderWay",
    "MethodNotAllowed",
    "NotFound",
    "PayloadTooLarge",
    "RecordMoved",
    "ResultTooLarge",
    "SystemUnreachable",
    "TerminalError",
    "TokenExpired",
    "TooMany",
    "Unauthorized",
    "Unprocessable",
    "UpstreamError",
    "ViewError",
]


class IptwebError(Exception):
    """Anything that goes wrong in a way we foresaw.

    Attributes:
        message: A sentence for the person who made the call; never a secret or a path.
        details: What a program may use, `{"field": "<name>"}` for a bad field.
        context: For the log only.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(
        self,
        message: str,
        *,
        details: dict[str, object] | None = None,
        **context: object,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details or {}
        self.context = context


class ConfigError(IptwebError):
    """A setting is missing or malformed; names the setting, never shows its value."""


class ActorProtocolError(IptwebError):
    """The message is not one that a function understands."""

    status = 400
    code = "bad_request"


class ResultTooLarge(ActorProtocolError):
    """The answer does not fit into one result frame."""

    status = 413
    code = "payload_too_large"


class ViewError(IptwebError):
    """A refusal that becomes the answer as it stands."""


class BadRequest(ViewError):
    """The request is malformed; `field` names the offending part."""

    status = 400
    code = "bad_request"

    def __init__(
        self, message: str, *, field: str | None = None, **context: object
    ) -> None:
        details: dict[str, object] = {} if field is None else {"field": field}
        super().__init__(message, details=details, **context)


class Unauthorized(ViewError):
    """Nobody is signed in, or the proof is not valid."""

    status = 401
    code = "unauthorized"


class Forbidden(ViewError):
    """The caller is known and may not do this."""

    status = 403
    code = "forbidden"


class NotFound(ViewError):
    """There is no such thing, or the caller may not know of it."""

    status = 404
    code = "not_found"


class MethodNotAllowed(ViewError):
    """The path exists, the method does not."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, message: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(message, details={"allowed": list(allowed)})
        self.allowed = allowed


class Conflict(ViewError):
    """The state of things forbids it now."""

    status = 409
    code = "conflict"


class PayloadTooLarge(ViewError):
    """What was sent is larger than we take."""

    status = 413
    code = "payload_too_large"


class Unprocessable(ViewError):
    """Well formed, but it makes no sense here."""

    status = 422
    code = "unprocessable"


class TooMany(ViewError):
    """The caller asks too often or has too many of something."""

    status = 429
    code = "too_many"


class UpstreamError(IptwebError):
    """The platform behind us did not do what we asked.

    Attributes:
        service: Which of its services: `meta`, `files`, `jobs` and so on.
        upstream_status: The HTTP status it answered with, 0 for no answer.
    """

    status = 502
    code = "upstream_refused"

    def __init__(
        self,
        message: str,
        *,
        service: str,
        upstream_status: int = 0,
        **context: object,
    ) -> None:
        super().__init__(message, details={"service": service}, **context)
        self.service = service
        self.upstream_status = upstream_status


class AgaveUnavailable(UpstreamError):
    """No answer, a timeout or a 5xx; the same call may work a little later."""

    status = 503
    code = "upstream_unavailable"


class SystemUnreachable(AgaveUnavailable):
    """The platform answers, but the machine that it would have to ask does not."""

    code = "system_unreachable"


class AgaveRefused(UpstreamError):
    """The platform answered 4xx where we did not expect it."""


class TokenExpired(UpstreamError):
    """The platform no longer takes the user's token."""

    status = 401
    code = "token_expired"


class TerminalError(IptwebError):
    """A terminal can't be started, stopped or found."""

    status = 502
    code = "terminal_failed"


class HostUnreachable(TerminalError):
    """The execution host can't be asked."""


class HostKeyMismatch(TerminalError):
    """The execution host is not the one we know."""


class HostsFull(TerminalError):
    """Every execution host has as many terminals as it may have."""

    status = 429
    code = "too_many"


class LaunchFailed(TerminalError):
    """The terminal did not start; the message says why."""


class LaunchUnderWay(TerminalError):
    """Another start or stop of the same terminal does not come to an end."""

    status = 409
    code = "conflict"


class RecordMoved(TerminalError):
    """The document of a record is no longer the one that counts."""

    status = 409
    code = "conflict"


class IllegalTransition(TerminalError):
    """The record's state does not allow that move."""

    status = 409
    code = "conflict"

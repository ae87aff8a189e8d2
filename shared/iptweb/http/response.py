"""What a caller gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from iptweb.errors import IptwebError, MethodNotAllowed

__all__ = ["Nothing", "Response", "to_error_response"]


class Nothing(TypedDict):
    """It is done, and there is nothing more to tell."""


@dataclass(frozen=True)
class Response:
    """One answer; `body` is anything that JSON can say."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_frame(self) -> dict[str, Any]:
        """Return the object that travels in the result frame."""
        return {
            "status": self.status,
            "headers": dict(self.headers),
            "body": self.body,
        }


def to_error_response(error: IptwebError, request_id: str) -> Response:
    """Return the answer that tells a caller about an error we foresaw."""
    headers = (
        {"Allow": ", ".join(error.allowed)}
        if isinstance(error, MethodNotAllowed)
        else {}
    )
    body = {
        "error": {
            "code": error.code,
            "message": error.message,
            "details": error.details,
            "request_id": request_id,
        }
    }
    return Response(body, error.status, headers)

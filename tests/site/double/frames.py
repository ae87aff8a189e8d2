"""What a function answers: a status and a body, as they are inside a frame."""

from typing import Any

Frame = tuple[int, Any]


def error(
    status: int, code: str, message: str, field_name: str = ""
) -> tuple[int, dict[str, Any]]:
    """Return the frame of a refusal."""
    details = {"field": field_name} if field_name else {}
    body = {"code": code, "message": message, "details": details, "request_id": "exec1"}
    return status, {"error": body}

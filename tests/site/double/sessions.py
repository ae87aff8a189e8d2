"""The function `auth_callback`, for Ada, who is always let in."""

from typing import Any

from .frames import Frame, error
from .state import State


def answer_sessions(
    state: State,
    method: str,
    path: str,
    _query: dict[str, Any],
    body: dict[str, Any],
) -> Frame:
    """Answer for `auth_callback`."""
    match method, path:
        case "GET", "/authorize":
            url = f"{state.origin}/authorize?state=state-1"
            return 200, {"url": url, "state": "state-1"}
        case "POST", "/sessions" if body["code"] == "code-1":
            return 201, _grant("token-1")
        case "POST", "/sessions/refresh" if state.can_refresh:
            state.tokens = {"token-2"}
            return 200, _grant("token-2")
        case "DELETE", "/sessions":
            return 200, {}
        case _:
            pass
    return error(401, "unauthorized", "The session is over. Sign in again.")


def _grant(token: str) -> dict[str, Any]:
    return {
        "access_token": token,
        "expires_in": 14400,
        "username": "ada",
        "full_name": "Ada Lovelace",
        "is_admin": False,
        "session": "session-1",
    }

"""The functions `webterm` and `terminal`, for terminals that a test describes."""

from typing import Any

from .frames import Frame
from .state import State


def answer_record(state: State, *_: Any) -> Frame:
    """Answer for `webterm`."""
    record = {"name": "ada-dev-IPT", "user": "ada", "url": "", "message": ""}
    record |= state.terminal
    if record["status"] == "READY":
        record["ticket"] = state.make_ticket()
    return 200, record


def answer_terminals(
    state: State,
    _method: str,
    _path: str,
    _query: dict[str, Any],
    body: dict[str, Any],
) -> Frame:
    """Answer for `terminal`."""
    match body["command"]:
        case "STOP":
            state.terminal = {"status": "STOPPED"}
        case "SYNC":
            state.terminal = state.found or state.terminal
        case _:
            state.terminal = dict(state.started)
    return answer_record(state)

"""What is asked of the function `terminal`, and what its answers mean to callers."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from iptweb.errors import (
    AgaveRefused,
    AgaveUnavailable,
    Conflict,
    IptwebError,
    TerminalError,
    TooMany,
    UpstreamError,
)
from iptweb.terminals.actor import TerminalActor

__all__ = ["ask_idle", "command_terminal"]

# Refusals of the function that are the administrator's, too, as they stand.
_SAME: Final[Mapping[str, type[IptwebError]]] = {
    "conflict": Conflict,
    "terminal_failed": TerminalError,
    "too_many": TooMany,
}


def command_terminal(
    actor: TerminalActor, command: str, user: str, *, launch: str = ""
) -> dict[str, Any]:
    """Have the function do one command for a user; return the terminal afterwards.

    Args:
        actor: The function.
        command: `START`, `STOP`, `RESTART` or `SYNC`.
        user: Whose terminal it is.
        launch: The one that is meant; a later one is left alone.

    Raises:
        Conflict: As the function says.
        TooMany: As the function says.
        TerminalError: It did not work; says why.
        UpstreamError: The function can't be reached, or does not obey us.
    """
    body = {"command": command, "user_name": user}
    frame = actor.send({**body, "launch": launch} if launch else body)
    answer = frame.get("body")
    if frame.get("status") == HTTPStatus.OK and isinstance(answer, dict):
        # An address opens nothing without a ticket, and is nobody else's business.
        return {name: value for name, value in answer.items() if name != "url"}
    raise _to_error(frame, answer)


def ask_idle(actor: TerminalActor, users: Sequence[str]) -> dict[str, int]:
    """Return how many seconds ago users' terminals were used, as far as is known.

    A list of terminals is worth an answer without that, so whatever goes wrong here
    leaves it out.
    """
    try:
        frame = actor.send({"command": "IDLE", "users": list(users)})
    except UpstreamError:
        return {}
    answer = frame.get("body")
    times = answer.get("idle") if isinstance(answer, dict) else None
    if not isinstance(times, dict):
        return {}
    return {str(user): s for user, s in times.items() if isinstance(s, int)}


def _to_error(frame: Mapping[str, Any], answer: Any) -> IptwebError:
    told = answer.get("error") if isinstance(answer, dict) else None
    told = told if isinstance(told, dict) else {}
    message = str(told.get("message") or "it gave no answer of ours")
    same = _SAME.get(str(told.get("code")))
    if same is not None:
        return same(message)
    if frame.get("status") == HTTPStatus.SERVICE_UNAVAILABLE:
        return AgaveUnavailable(message, service="actors")
    return AgaveRefused(
        f"The function terminal did not obey: {message}", service="actors"
    )

"""Routes of `terminal`."""

from dataclasses import dataclass
from typing import Literal

from iptweb.http import App, read_body, text
from iptweb.runtime import Call, inline, warm
from iptweb.terminals import TerminalRecord, TerminalService

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("terminal")
run_inline = inline(app)


@dataclass(frozen=True)
class CommandBody:
    """What to do, and for whom."""

    command: Literal["START", "STOP", "RESTART", "SYNC"] = text()
    user_name: str = text(default="", max_length=64)


@app.route("/terminals", methods=["POST"])
def command_terminal(call: Call) -> dict[str, str]:
    """Do one command."""
    body = read_body(CommandBody, call.request.body)
    user = call.target_user(body.user_name)
    return _obey(call.terminals(), body.command, user).to_answer()


def _obey(service: TerminalService, command: str, user: str) -> TerminalRecord:
    match command:
        case "START":
            return service.start(user)
        case "STOP":
            return service.stop(user)
        case "RESTART":
            return service.restart(user)
        case _:
            return service.sync(user)

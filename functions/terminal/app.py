"""Routes of `terminal`."""

from dataclasses import dataclass
from typing import Any, Literal

from iptweb.errors import BadRequest
from iptweb.http import App, read_body, text
from iptweb.runtime import Call, inline, warm
from iptweb.terminals import TerminalRecord, TerminalService

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("terminal")
run_inline = inline(app)


@dataclass(frozen=True)
class CommandBody:
    """What to do, and for whom."""

    command: Literal["START", "STOP", "RESTART", "SYNC", "SWEEP"] = text()
    user_name: str = text(default="", max_length=64)
    launch: str = text(default="", max_length=100)
    after: str = text(default="", max_length=200)


@app.route("/terminals", methods=["POST"])
def command_terminal(call: Call) -> dict[str, Any]:
    """Do one command."""
    body = read_body(CommandBody, call.request.body)
    check_fields(body)
    if body.command == "SWEEP":
        call.check_caretaker()
        swept = call.terminals().sweep(after=body.after).to_answer()
        call.log.write("swept", **swept)
        return swept
    user = call.target_user(body.user_name)
    return dict(_obey(call.terminals(), body, user).to_answer())


def check_fields(body: CommandBody) -> None:
    """Refuse fields that a command has no use for.

    Raises:
        BadRequest: There is one; somebody would think it was heeded.
    """
    of_all = body.command == "SWEEP"
    if body.user_name and of_all:
        raise BadRequest("SWEEP is for everybody's terminals.", field="user_name")
    if body.after and not of_all:
        raise BadRequest("after is for SWEEP.", field="after")
    if body.launch and body.command not in {"STOP", "RESTART"}:
        raise BadRequest("launch is for STOP and RESTART.", field="launch")


def _obey(service: TerminalService, body: CommandBody, user: str) -> TerminalRecord:
    match body.command:
        case "START":
            return service.start(user)
        case "STOP":
            return service.stop(user, launch=body.launch)
        case "RESTART":
            return service.restart(user, launch=body.launch)
        case _:
            return service.sync(user)

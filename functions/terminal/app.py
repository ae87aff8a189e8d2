"""Routes of `terminal`."""

from dataclasses import dataclass
from typing import Literal

from iptweb.errors import BadRequest
from iptweb.http import App, read_body, text, texts
from iptweb.reference import offer_schema
from iptweb.runtime import Call, inline, warm
from iptweb.terminals import TerminalRecord, TerminalService
from iptweb.terminals.answers import IdleTimes, Sweep, Terminal

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("terminal")
run_inline = inline(app)
offer_schema(app)


@dataclass(frozen=True)
class CommandBody:
    """What to do, and for whom.

    Attributes:
        command: START gives a terminal, the same one where there is one, or a place in
            line; STOP ends it; RESTART ends it and starts another; SYNC looks whether
            it is as its record says; SWEEP looks after all terminals, and IDLE asks
            when they were used, both for the service account and administrators.
        user_name: Somebody else's name; for administrators.
        launch: With STOP and RESTART: which start is meant, so that a message that
            comes twice ends no later one.
        after: With SWEEP: `next` of the answer before.
        users: With IDLE: of whom.
    """

    command: Literal["START", "STOP", "RESTART", "SYNC", "SWEEP", "IDLE"] = text()
    user_name: str = text(default="", max_length=64)
    launch: str = text(default="", max_length=100)
    after: str = text(default="", max_length=200)
    users: tuple[str, ...] = texts(most=100, max_length=64)


@app.route("/terminals", methods=["POST"], body=CommandBody)
def command_terminal(call: Call) -> Terminal | Sweep | IdleTimes:
    """Do one command.

    The body may be sent alone, as the whole message: `{"command": "START"}`.
    Each command may come twice.

    Raises:
        Forbidden: Only an administrator may name somebody else, sweep, or ask for idle
            times.
        Conflict: Another start or stop of the same terminal is under way.
        TooMany: All hosts are full, and there can be no line.
        TerminalError: The host can't be asked, or the terminal did not start.
    """
    body = read_body(CommandBody, call.request.body)
    check_fields(body)
    if body.command == "SWEEP":
        call.check_caretaker()
        swept = call.terminals().sweep(after=body.after).to_answer()
        call.log.write("swept", **swept)
        return swept
    if body.command == "IDLE":
        call.check_caretaker()
        return {"idle": call.terminals().idle(body.users)}
    user = call.target_user(body.user_name, for_service=True)
    with call.on_record(body.command.lower(), user):
        return _obey(call.terminals(), body, user).to_answer()


def check_fields(body: CommandBody) -> None:
    """Refuse fields that a command has no use for.

    Raises:
        BadRequest: There is one; somebody would think it was heeded.
    """
    of_many = body.command in {"SWEEP", "IDLE"}
    if body.user_name and of_many:
        raise BadRequest(
            f"{body.command} is for everybody's terminals.", field="user_name"
        )
    if body.users and body.command != "IDLE":
        raise BadRequest("users is for IDLE.", field="users")
    if body.after and body.command != "SWEEP":
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

"""Routes of `auth_callback`."""

from dataclasses import dataclass
from typing import Any

from iptweb.http import App, Response, read_body, text
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("auth_callback")
run_inline = inline(app)


@dataclass(frozen=True)
class SignIn:
    """What the tenant sent the browser back with."""

    code: str = text()
    state: str = text()


@dataclass(frozen=True)
class SessionBody:
    """What the browser keeps."""

    session: str = text(max_length=200)


@app.route("/authorize")
def begin_sign_in(call: Call) -> dict[str, str]:
    """Say where to sign in."""
    return call.access().begin()


@app.route("/sessions", methods=["POST"])
def complete_sign_in(call: Call) -> Response:
    """Trade the code for a session."""
    body = read_body(SignIn, call.request.body)
    answer, failed = call.access().complete(body.code, body.state)
    if failed:
        call.log.write("not_granted", grants=failed)
    return Response(answer, 201)


@app.route("/sessions/refresh", methods=["POST"])
def refresh_session(call: Call) -> dict[str, Any]:
    """Give a new access token."""
    body = read_body(SessionBody, call.request.body)
    return call.access().refresh(body.session)


@app.route("/sessions", methods=["DELETE"])
def end_session(call: Call) -> dict[str, Any]:
    """Sign out."""
    body = read_body(SessionBody, call.request.body)
    call.access().end(body.session, call.request.token)
    return {}

"""Routes of `auth_callback`."""

from dataclasses import dataclass

from iptweb.access import AccessService
from iptweb.access.answers import AccessToken, NewSession, SignInPlace
from iptweb.http import App, Nothing, read_body, text
from iptweb.reference import offer_schema
from iptweb.runtime import Call, inline, warm

__all__ = ["app", "run_inline", "warm"]

app: App[Call] = App("auth_callback")
run_inline = inline(app)
offer_schema(app)


@dataclass(frozen=True)
class SignIn:
    """What the tenant sent the browser back with.

    Attributes:
        code: Of the tenant; good once.
        state: As it was given by `GET /authorize`, at most ten minutes ago.
    """

    code: str = text()
    state: str = text()


@dataclass(frozen=True)
class SessionBody:
    """What the browser keeps.

    Attributes:
        session: As the sign-in gave it.
    """

    session: str = text(max_length=200)


@app.route("/authorize")
def begin_sign_in(call: Call) -> SignInPlace:
    """Say where to sign in."""
    return _access(call).begin()


@app.route("/sessions", methods=["POST"], body=SignIn, status=201)
def complete_sign_in(call: Call) -> NewSession:
    """Trade the code for a session.

    Raises:
        Unauthorized: The code is not accepted, or nobody can be told from it.
    """
    body = read_body(SignIn, call.request.body)
    answer, failed = _access(call).complete(body.code, body.state)
    if failed:
        call.log.write("not_granted", grants=failed)
    return answer


@app.route("/sessions/refresh", methods=["POST"], body=SessionBody)
def refresh_session(call: Call) -> AccessToken:
    """Give a new access token.

    Raises:
        Unauthorized: The session is unknown or over.
    """
    body = read_body(SessionBody, call.request.body)
    return _access(call).refresh(body.session)


@app.route("/sessions", methods=["DELETE"], body=SessionBody)
def end_session(call: Call) -> Nothing:
    """Sign out.

    The tokens of the session are worthless then, and so is the one in `authorization`
    where there is one.  An unknown session is no error.
    """
    body = read_body(SessionBody, call.request.body)
    _access(call).end(body.session, call.request.token)
    return {}


def _access(call: Call) -> AccessService:
    # Named here so that a warm parent has loaded what signing in needs.
    return call.access()

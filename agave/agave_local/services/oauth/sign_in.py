"""The sign-in page: where a person lets a client act in their name.

GET shows the page · POST checks the password and sends the browser back
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from agave_local.call import Call
from agave_local.errors import BadRequest, LocalTenantError, TooMany, Unauthorized
from agave_local.records.store import Document
from agave_local.services.oauth.page import STYLE_HASH, show_problem, show_sign_in
from agave_local.services.oauth.proof import METHOD, is_challenge

_COOKIE = "agave_local_sign_in"
_MAX_BODY = 65_536
_ASKED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)


@dataclass(frozen=True)
class _Asked:
    """What a client asked for, with the client that did.

    Attributes:
        client: known to the tenant.
        fields: of the request, to be sent back by the page.
    """

    client: Document
    fields: Mapping[str, str]

    @property
    def redirect_uri(self) -> str:
        return str(self.client["callback_url"])

    @property
    def is_implicit(self) -> bool:
        """Whether the token itself is asked for, by a client within the browser."""
        return self.fields["response_type"] == "token"

    @property
    def challenge(self) -> str:
        return self.fields["code_challenge"]


def on_show(call: Call) -> Response:
    """Show the sign-in page to somebody whom a client has sent."""
    try:
        asked = _read_asked(call, call.request.args)
    except LocalTenantError as error:
        return _problem(error)
    wrong = _wrong(asked)
    return _back(asked, wrong) if wrong else _page(call, asked)


def on_sign_in(call: Call) -> Response:
    """Send the browser back with a code, or let the person try again."""
    request = call.request
    request.max_content_length = _MAX_BODY
    try:
        asked = _read_asked(call, request.form)
        _check_own_page(call, asked)
    except LocalTenantError as error:
        return _problem(error)
    wrong = _wrong(asked)
    if wrong:
        return _back(asked, wrong)
    if request.form.get("action") == "deny":
        return _back(asked, {"error": "access_denied"})
    username = request.form.get("username", "").strip()
    try:
        who = call.tenant.profiles.sign_in(
            username, request.form.get("password", ""), request.remote_addr or ""
        )
    except (Unauthorized, TooMany) as error:
        return _page(call, asked, username=username, refusal=error)
    return _back(asked, _give(call, asked, who.username))


def _give(call: Call, asked: _Asked, username: str) -> Mapping[str, str]:
    oauth, client = call.tenant.oauth, asked.client
    if not asked.is_implicit:
        return {
            "code": oauth.make_code(
                username, client, asked.redirect_uri, asked.challenge
            )
        }
    grant = oauth.begin_implicitly(username, client)
    return {
        "access_token": grant.access_token,
        "token_type": "bearer",
        "expires_in": str(grant.expires_in),
        "scope": "default",
    }


def _wrong(asked: _Asked) -> Mapping[str, str]:
    """Return what the client is told that asks for something that there is not."""
    if asked.fields["response_type"] not in ("code", "token"):
        return {"error": "unsupported_response_type"}
    if asked.challenge or asked.fields["code_challenge_method"]:
        is_s256 = asked.fields["code_challenge_method"] == METHOD
        if not (is_s256 and is_challenge(asked.challenge)):
            return {
                "error": "invalid_request",
                "error_description": f"code_challenge_method is {METHOD}.",
            }
    return {}


def _read_asked(call: Call, given: MultiDict[str, str]) -> _Asked:
    """Read what is asked for; what is refused here must not send a browser anywhere.

    Raises:
        BadRequest: for an unknown client, or an address that is not the client's.
    """
    if any(len(given.getlist(name)) > 1 for name in _ASKED):
        raise BadRequest("The application asked for something twice at once.")
    fields = {name: given.get(name, "") for name in _ASKED}
    client = call.tenant.clients.by_key(fields["client_id"])
    if client is None:
        raise BadRequest("The application that sent you here is not known.")
    if not client["callback_url"]:
        raise BadRequest(f"{client['name']} has no callback URL to go back to.")
    if fields["redirect_uri"] != client["callback_url"]:
        raise BadRequest(
            f"The address to go back to is not the one that {client['name']} "
            "registered."
        )
    return _Asked(client, fields)


def _check_own_page(call: Call, asked: _Asked) -> None:
    """Refuse a form that did not come from the page shown to this very browser."""
    request = call.request
    origin = request.headers.get("Origin")
    own = {request.host_url.rstrip("/"), _origin(call.tenant.settings.base_url)}
    cookie = request.cookies.get(_COOKIE, "")
    expected = _form_token(call, cookie, asked)
    given = request.form.get("form_token", "")
    if (
        (origin is not None and origin not in own)
        or not cookie
        or not hmac.compare_digest(given.encode(), expected.encode())
    ):
        raise BadRequest(
            "This sign-in page is too old, or cookies are off. Go back to the "
            "application and sign in again."
        )


def _form_token(call: Call, cookie: str, asked: _Asked) -> str:
    """Bind a form to one browser and to what was asked for."""
    text = "\0".join((cookie, *(asked.fields[name] for name in _ASKED)))
    key = call.tenant.oauth.form_key()
    return hmac.new(
        key, text.encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()


def _page(
    call: Call,
    asked: _Asked,
    *,
    username: str = "",
    refusal: LocalTenantError | None = None,
) -> Response:
    known = call.request.cookies.get(_COOKIE)
    cookie = known or call.tenant.ids.token()
    fields = {**asked.fields, "form_token": _form_token(call, cookie, asked)}
    html = show_sign_in(
        asked.client["name"],
        urlsplit(asked.redirect_uri).netloc,
        fields,
        username=username,
        refusal=refusal.message if refusal else "",
    )
    response = _html(
        html, refusal.status if refusal else 200, _origin(asked.redirect_uri)
    )
    if not known:
        response.set_cookie(
            _COOKIE,
            cookie,
            path="/authorize",
            httponly=True,
            samesite="Strict",
            secure=call.tenant.settings.base_url.startswith("https:"),
        )
    return response


def _back(asked: _Asked, answer: Mapping[str, str]) -> Response:
    """Send the browser to the client's registered address, and nowhere else."""
    state = asked.fields["state"]
    query = urlencode({**answer, **({"state": state} if state else {})})
    joint = "&" if urlsplit(asked.redirect_uri).query else "?"
    if asked.is_implicit:
        # No server sees what comes after a `#`, so no log has the token.
        joint = "#"
    response = Response(status=302)
    response.headers["Location"] = f"{asked.redirect_uri}{joint}{query}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _problem(error: LocalTenantError) -> Response:
    return _html(show_problem(error.message), error.status, "")


def _html(html: str, status: int, form_target: str) -> Response:
    response = Response(html, status, mimetype="text/html")
    # Browsers hold a form's redirect to form-action too, hence the client's origin.
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src '{STYLE_HASH}'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {form_target}".rstrip()
    )
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cache-Control"] = "no-store"
    # "no-referrer" would make the browser send `Origin: null` with the form
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"

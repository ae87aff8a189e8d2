"""What the token endpoint answers, in the shape of RFC 6749."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from agave_local.call import Call, Identity
from agave_local.errors import LocalTenantError, Unauthorized
from agave_local.records.store import Document
from agave_local.services.oauth.errors import (
    InvalidClient,
    InvalidGrant,
    OAuthError,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from agave_local.services.oauth.models import Grant
from agave_local.services.systems.access import is_trusted

_MAX_BODY = 65_536
_FORM = "application/x-www-form-urlencoded"


def on_token(call: Call) -> Response:
    """Give tokens for a password, a code, a refresh token or the client itself."""
    return _answer_in_shape(call, _give)


def on_revoke(call: Call) -> Response:
    """End a token (RFC 7009); one that nobody knows is as good as ended."""
    return _answer_in_shape(call, _revoke)


def _answer_in_shape(
    call: Call, answer: Callable[[Call, Document], Mapping[str, Any]]
) -> Response:
    try:
        call.request.max_content_length = _MAX_BODY
        _check_form(call.request)
        return _json(answer(call, _read_client(call)), 200)
    except OAuthError as error:
        return _refusal(error.status, error.code, error.message)
    except LocalTenantError as error:
        return _refusal(error.status, "invalid_request", error.message)


def _give(call: Call, client: Document) -> Mapping[str, Any]:
    grant_type = _field(call.request, "grant_type")
    give = _GRANTS.get(grant_type)
    if give is None:
        raise UnsupportedGrantType(f"grant_type is one of {', '.join(_GRANTS)}.")
    return _to_json(give(call, client))


def _revoke(call: Call, client: Document) -> Mapping[str, Any]:
    call.tenant.oauth.revoke(client, _field(call.request, "token"))
    return {}


def _by_password(call: Call, client: Document) -> Grant:
    username = _field(call.request, "username")
    try:
        who = _sign_in(call, username)
    except Unauthorized as error:
        raise InvalidGrant(error.message) from error
    return call.tenant.oauth.begin(who.username, client)


def _by_admin_password(call: Call, client: Document) -> Grant:
    """Give a service account or an administrator's program tokens of somebody else."""
    username = _field(call.request, "username")
    try:
        who = _sign_in(call, username)
    except Unauthorized as error:
        raise InvalidGrant(error.message) from error
    if not is_trusted(who):
        raise UnauthorizedClient(
            "Only a service account or an administrator may ask in another's name."
        )
    target = call.tenant.oauth.find_identity(_field(call.request, "token_username"))
    if target is None:
        raise InvalidGrant("token_username is not a user.")
    # A service account would become an administrator by that.
    if target.is_admin and not who.is_admin:
        raise UnauthorizedClient(
            "Only an administrator may ask in an administrator's name."
        )
    return call.tenant.oauth.begin(target.username, client)


def _sign_in(call: Call, username: str) -> Identity:
    password = _field(call.request, "password")
    address = call.request.remote_addr or ""
    return call.tenant.profiles.sign_in(username, password, address)


def _by_refresh_token(call: Call, client: Document) -> Grant:
    token = _field(call.request, "refresh_token")
    return call.tenant.oauth.refresh(client, token)


def _by_code(call: Call, client: Document) -> Grant:
    code = _field(call.request, "code")
    redirect_uri = _field(call.request, "redirect_uri")
    verifier = _field(call.request, "code_verifier", required=False)
    return call.tenant.oauth.exchange_code(client, code, redirect_uri, verifier)


def _by_client(call: Call, client: Document) -> Grant:
    if call.tenant.profiles.find_active(client["owner"]) is None:
        raise UnauthorizedClient("The account of this client may not act.")
    return call.tenant.oauth.begin(client["owner"], client, refresh=False)


_GRANTS: Mapping[str, Callable[[Call, Document], Grant]] = {
    "password": _by_password,
    "admin_password": _by_admin_password,
    "refresh_token": _by_refresh_token,
    "authorization_code": _by_code,
    "client_credentials": _by_client,
}


def _read_client(call: Call) -> Document:
    """Verify the client, by Basic or by the form."""
    basic = call.request.authorization
    if basic is not None and basic.type == "basic":
        key, secret = basic.username or "", basic.password or ""
        named = _field(call.request, "client_id", required=False)
        if named not in ("", key):
            raise OAuthError("client_id is not the client that signed in.")
    else:
        key = _field(call.request, "client_id", required=False)
        secret = _field(call.request, "client_secret", required=False)
    client = call.tenant.clients.authenticate(key, secret)
    if client is None:
        raise InvalidClient("The client's key or secret is not right.")
    return client


def _check_form(request: Request) -> None:
    if request.mimetype != _FORM:
        raise OAuthError(f"The body is a form: {_FORM}.")


def _field(request: Request, name: str, *, required: bool = True) -> str:
    values = request.form.getlist(name)
    if len(values) > 1:
        raise OAuthError(f"{name} is given more than once.")
    if required and not (values and values[0]):
        raise OAuthError(f"{name} must be given.")
    return values[0] if values else ""


def _to_json(grant: Grant) -> Mapping[str, Any]:
    answer: dict[str, Any] = {
        "access_token": grant.access_token,
        "expires_in": grant.expires_in,
        "token_type": "bearer",
        "scope": "default",
    }
    if grant.refresh_token is not None:
        answer["refresh_token"] = grant.refresh_token
    return answer


def _refusal(status: int, code: str, message: str) -> Response:
    response = _json({"error": code, "error_description": message}, status)
    if status == InvalidClient.status:
        response.headers["WWW-Authenticate"] = 'Basic realm="token"'
    return response


def _json(body: Mapping[str, Any], status: int) -> Response:
    response = Response(json.dumps(body), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response

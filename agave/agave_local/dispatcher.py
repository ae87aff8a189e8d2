"""The one entrance of the tenant: a werkzeug request in, a response out.

transport → `Dispatcher.dispatch` → route → caller verified → view → envelope
"""

import functools
import logging
import re
import time
from collections.abc import Iterable
from urllib.parse import quote

from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request, Response

from agave_local.call import Answer, Auth, Call, Flavour, Identity, Route
from agave_local.envelope import to_error, to_response
from agave_local.errors import (
    BadRequest,
    LocalTenantError,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Unauthorized,
)
from agave_local.services.control.models import ConnectionDropped
from agave_local.tenant import Tenant

_log = logging.getLogger(__name__)
_access_log = logging.getLogger("agave_local.access")
_SLASHES = re.compile("/{2,}")
_ABACO_ENDPOINT = (
    "Invalid request: the API endpoint does not exist "
    "or the provided HTTP method is not allowed."
)
# Pages and secrets of the tenant itself, which no other origin has to read.
_SAME_ORIGIN = ("/authorize", "/token", "/revoke", "/local", "/clients")
_CALLER = "agave_local.caller"
_TOO_LARGE = 413


class Dispatcher:
    """Finds the view of a request, verifies the caller, wraps the answer.

    Args:
        tenant: the back ends.
        routes: of all services.
    """

    def __init__(self, tenant: Tenant, routes: Iterable[Route]) -> None:
        self._tenant = tenant
        self.routes = tuple(routes)
        self._adapter = _bind(self.routes)

    def dispatch(self, request: Request) -> Response:
        """Answer a request.

        Raises:
            ConnectionDropped: where a test asked for no answer; nothing else.
        """
        started = time.perf_counter()
        path = _normal(request.path)
        response = self._respond(request, path)
        if not path.startswith(_SAME_ORIGIN):
            _allow_every_origin(response)
        response.headers["X-Content-Type-Options"] = "nosniff"
        if _access_log.isEnabledFor(logging.INFO):
            _access_log.info(
                "%s %s %d %.0f ms %s",
                quote(request.method),
                quote(path, safe="/:@~+,;="),
                response.status_code,
                1000 * (time.perf_counter() - started),
                request.environ.get(_CALLER, "-"),
            )
        return response

    def _respond(self, request: Request, path: str) -> Response:
        flavour = Flavour.ABACO if path.startswith("/actors") else Flavour.AGAVE
        if request.method == "OPTIONS":
            return Response(status=200)
        try:
            return self._answer(request, path, flavour)
        except LocalTenantError as error:
            return to_error(error, flavour)
        except HTTPException as error:
            return to_error(_translate(error), flavour)
        except ConnectionDropped:
            raise
        except Exception:  # noqa: BLE001 - whatever a view's bug raises is answered and logged here
            _log.exception("%s %s failed", quote(request.method), quote(path))
            return to_error(
                LocalTenantError("The local tenant failed; its log says why."), flavour
            )

    def _answer(self, request: Request, path: str, flavour: Flavour) -> Response:
        route, args = self._find(request, path, flavour)
        self._tenant.faults.strike(route.operation)
        call = Call(self._tenant, request, args, self._caller(request, route))
        answer = route.view(call)
        if isinstance(answer, Answer):
            return to_response(answer, route.flavour, request)
        return answer

    def _find(
        self, request: Request, path: str, flavour: Flavour
    ) -> tuple[Route, dict[str, object]]:
        try:
            endpoint, args = self._adapter.match(path, method=request.method)
        except WerkzeugMethodNotAllowed as error:
            raise MethodNotAllowed(
                _ABACO_ENDPOINT
                if flavour is Flavour.ABACO
                else f"{request.method} is not allowed here."
            ) from error
        except HTTPException as error:
            if flavour is Flavour.ABACO:
                raise MethodNotAllowed(_ABACO_ENDPOINT) from error
            raise NotFound("There is nothing at this address.") from error
        route: Route = endpoint
        return route, dict(args)

    def _caller(self, request: Request, route: Route) -> Identity | None:
        if route.auth is Auth.OWN:
            return None
        if route.auth is Auth.BASIC:
            caller = self._by_password(request)
        else:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise Unauthorized("This call needs a bearer token.", fault=900902)
            caller = self._tenant.oauth.identify(token.strip())
        request.environ[_CALLER] = caller.username
        return caller

    def _by_password(self, request: Request) -> Identity:
        basic = request.authorization
        if basic is None or basic.type != "basic":
            raise Unauthorized("This call needs a user name and password.", 900902)
        return self._tenant.profiles.sign_in(
            basic.username or "", basic.password or "", request.remote_addr or ""
        )


@functools.lru_cache(maxsize=4)
def _bind(routes: tuple[Route, ...]) -> MapAdapter:
    """Compile the routes; most of a tenant's start is spent here, so only once."""
    url_map = Map(strict_slashes=False, merge_slashes=False)
    for route in routes:
        rule = Rule(
            route.rule,
            methods=[route.method],
            endpoint=route,
            defaults=dict(route.defaults) or None,
        )
        url_map.add(rule)
    url_map.redirect_defaults = False
    return url_map.bind("localhost")


def _normal(path: str) -> str:
    """Merge slashes as Abaco's nginx does, and take both prefixes of Abaco."""
    path = _SLASHES.sub("/", path)
    if path == "/actors/v2" or path.startswith("/actors/v2/"):
        path = "/actors" + path[len("/actors/v2") :]
    return path.rstrip("/") or "/"


def _translate(error: HTTPException) -> LocalTenantError:
    """Turn what werkzeug refuses while it reads a body into a refusal of ours."""
    if error.code == _TOO_LARGE:
        return PayloadTooLarge("The request is larger than the tenant takes here.")
    return BadRequest("The request cannot be read.")


def _allow_every_origin(response: Response) -> None:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = (
        "GET, POST, PUT, DELETE, HEAD, OPTIONS"
    )
    response.headers["Access-Control-Allow-Headers"] = (
        "Authorization, Content-Type, Range"
    )
    response.headers["Access-Control-Expose-Headers"] = (
        "Content-Range, Content-Disposition, Content-Length, Accept-Ranges"
    )
    # A browser asks once, not before each call.
    response.headers["Access-Control-Max-Age"] = "3600"

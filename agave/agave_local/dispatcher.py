"""The one entrance of the tenant: a werkzeug request in, a response out.

transport → `Dispatcher.dispatch` → route → caller verified → view → envelope
"""

import logging
import re
from collections.abc import Iterable

from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from agave_local.call import Answer, Auth, Call, Flavour, Identity, Route
from agave_local.envelope import to_error, to_response
from agave_local.errors import (
    BadRequest,
    LocalTenantError,
    MethodNotAllowed,
    NotFound,
    Unauthorized,
)
from agave_local.tenant import Tenant

_log = logging.getLogger(__name__)
_SLASHES = re.compile("/{2,}")
_ABACO_ENDPOINT = (
    "Invalid request: the API endpoint does not exist "
    "or the provided HTTP method is not allowed."
)


class Dispatcher:
    """Finds the view of a request, verifies the caller, wraps the answer.

    Args:
        tenant: the back ends.
        routes: of all services.
    """

    def __init__(self, tenant: Tenant, routes: Iterable[Route]) -> None:
        self._tenant = tenant
        self._map = Map(strict_slashes=False, merge_slashes=False)
        for route in routes:
            self._map.add(
                Rule(
                    route.rule,
                    methods=[route.method],
                    endpoint=route,
                    defaults=dict(route.defaults) or None,
                    redirect_to=None,
                )
            )
        self._map.redirect_defaults = False

    def dispatch(self, request: Request) -> Response:
        """Answer a request; never raises."""
        path = _normal(request.path)
        flavour = Flavour.ABACO if path.startswith("/actors") else Flavour.AGAVE
        if request.method == "OPTIONS":
            return _allow_every_origin(Response(status=200))
        try:
            response = self._answer(request, path, flavour)
        except LocalTenantError as error:
            response = to_error(error, flavour)
        except Exception:
            _log.exception("%s %s failed", request.method, path)
            response = to_error(
                LocalTenantError("The local tenant failed; its log says why."), flavour
            )
        return _allow_every_origin(response)

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
        adapter = self._map.bind(request.host or "localhost")
        try:
            endpoint, args = adapter.match(path, method=request.method)
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
            return self._by_password(request)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            return self._tenant.oauth.identify(token.strip())
        raise Unauthorized("This call needs a bearer token.", fault=900902)

    def _by_password(self, request: Request) -> Identity:
        basic = request.authorization
        if basic is None or basic.type != "basic":
            raise Unauthorized("This call needs a user name and password.", 900902)
        username, password = basic.username or "", basic.password or ""
        if "\0" in username or "\0" in password:
            raise BadRequest("A user name holds no NUL.")
        return self._tenant.profiles.sign_in(username, password)


def _normal(path: str) -> str:
    """Merge slashes as Abaco's nginx does, and take both prefixes of Abaco."""
    path = _SLASHES.sub("/", path)
    if path == "/actors/v2" or path.startswith("/actors/v2/"):
        path = "/actors" + path[len("/actors/v2") :]
    return path.rstrip("/") or "/"


def _allow_every_origin(response: Response) -> Response:
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
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

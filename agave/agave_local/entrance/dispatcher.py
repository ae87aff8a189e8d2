"""The one entrance of the tenant: a werkzeug request in, a response out.

transport → `Dispatcher.dispatch` → route → admission → caller → view → envelope
"""

import functools
import logging
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.wrappers import Request, Response

from agave_local.call import (
    Answer,
    Auth,
    Call,
    Flavour,
    Identity,
    Route,
    recognized,
)
from agave_local.entrance.admission import Admission
from agave_local.entrance.envelope import to_error, to_response
from agave_local.entrance.logs import (
    REQUEST_ID_HEADER,
    read_request_id,
    shown_path,
    writing_about,
)
from agave_local.errors import (
    BadRequest,
    LocalTenantError,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Unauthorized,
    UriTooLong,
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
_SAME_ORIGIN = ("/authorize", "/token", "/revoke", "/local", "/clients", "/metrics")
_TOO_LARGE = 413
_LONGEST_ADDRESS = 32 * 1024
_NO_OPERATION = "none"


@dataclass
class _Visit:
    """What became known of a request on its way.

    Attributes:
        path: of the request, as the routes have it.
        route: that it took; None where there is none.
        args: values of the route's variables.
    """

    path: str
    route: Route | None = None
    args: dict[str, object] = field(default_factory=dict)

    @property
    def operation(self) -> str:
        """The operation's name."""
        return _NO_OPERATION if self.route is None else self.route.operation


_EXPOSED = (
    "Content-Range, Content-Disposition, Content-Length, Accept-Ranges, "
    "X-Request-Id, Retry-After"
)
_EVERY_ORIGIN = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Range"),
    ("Access-Control-Expose-Headers", _EXPOSED),
    # A browser asks once, not before each call.
    ("Access-Control-Max-Age", "3600"),
)


class Dispatcher:
    """Finds the view of a request, verifies the caller, wraps the answer.

    Args:
        tenant: the back ends.
        routes: of all services.
        admission: the door; open to everybody where None.
    """

    def __init__(
        self,
        tenant: Tenant,
        routes: Iterable[Route],
        admission: Admission | None = None,
    ) -> None:
        self.tenant = tenant
        self.routes = tuple(routes)
        self._code = tenant.settings.code
        self._admission = admission or Admission(tenant.metrics)
        self._adapter = _bind(self.routes)

    def dispatch(self, request: Request) -> Response:
        """Answer a request.

        Raises:
            ConnectionDropped: where a test asked for no answer; nothing else.
        """
        started = time.perf_counter()
        visit = _Visit(_normal(request.path))
        request_id = read_request_id(request)
        with writing_about(request_id, self._code):
            response = self._respond(request, visit)
            if not visit.path.startswith(_SAME_ORIGIN):
                response.headers.extend(_EVERY_ORIGIN)
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers[REQUEST_ID_HEADER] = request_id
            self._record(request, visit, response, time.perf_counter() - started)
        return response

    def _record(
        self, request: Request, visit: _Visit, response: Response, seconds: float
    ) -> None:
        status = response.status_code
        self.tenant.metrics.observe(self._code, visit.operation, status, seconds)
        if not _access_log.isEnabledFor(logging.INFO):
            return
        method = quote(request.method)
        path = shown_path(visit.path, visit.args)
        user = recognized(request) or "-"
        milliseconds = round(1000 * seconds)
        _access_log.info(
            "%s %s %d %d ms %s",
            *(method, path, status, milliseconds, user),
            extra={
                "fields": {
                    "method": method,
                    "path": path,
                    "operation": visit.operation,
                    "status": status,
                    "ms": milliseconds,
                    "user": user,
                }
            },
        )

    def _respond(self, request: Request, visit: _Visit) -> Response:
        flavour = flavour_of(visit.path)
        version = self.tenant.settings.abaco_version
        if request.method == "OPTIONS":
            return Response(status=200)
        try:
            return self._answer(request, visit, flavour)
        except LocalTenantError as error:
            return to_error(error, flavour, version, request)
        except HTTPException as error:
            return to_error(_translate(error), flavour, version)
        except ConnectionDropped:
            raise
        except Exception:  # noqa: BLE001 - whatever a view's bug raises is answered and logged here
            path = shown_path(visit.path, visit.args)
            _log.exception("%s %s failed", quote(request.method), path)
            failure = LocalTenantError("The local tenant failed; its log says why.")
            return to_error(failure, flavour, version)

    def _answer(self, request: Request, visit: _Visit, flavour: Flavour) -> Response:
        _check_address(request)
        _check_credentials(request)
        route, visit.args = self._find(request, visit.path, flavour)
        visit.route = route
        asserted = self.tenant.gateway.identify(request)
        username = None if asserted is None else asserted.username
        with self._admission.admitted(request, route, self._code, username):
            self.tenant.faults.strike(route.operation)
            try:
                call = self._to_call(request, route, visit.args)
                answer = route.view(call)
            finally:
                self._admission.remember(request, self._code, recognized(request))
            if isinstance(answer, Answer):
                version = self.tenant.settings.abaco_version
                return to_response(answer, route.flavour, request, version)
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

    def _to_call(self, request: Request, route: Route, args: dict[str, object]) -> Call:
        if route.auth is Auth.OWN:
            return Call(self.tenant, request, args, None, self.dispatch)
        if route.auth is Auth.BASIC:
            caller = self._by_password(request)
        else:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise Unauthorized("This call needs a bearer token.", fault=900902)
            caller = self.tenant.oauth.identify(token.strip(), route.rule)
        call = Call(self.tenant, request, args, caller)
        call.recognize(caller)
        return call

    def _by_password(self, request: Request) -> Identity:
        basic = request.authorization
        if basic is None or basic.type != "basic":
            raise Unauthorized("This call needs a user name and password.", 900902)
        return self.tenant.profiles.sign_in(
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


def flavour_of(path: str) -> Flavour:
    """Return whose envelope a refusal at a path has."""
    return Flavour.ABACO if path.startswith("/actors") else Flavour.AGAVE


def _check_address(request: Request) -> None:
    """Refuse an address that cannot be read as its sender meant it.

    Raises:
        BadRequest: where it is not UTF-8.
        UriTooLong: where it has more than 32 KiB.
    """
    path = request.environ.get("PATH_INFO", "").encode("latin-1")
    query = request.query_string
    if len(path) + len(query) > _LONGEST_ADDRESS:
        raise UriTooLong("The address is longer than 32 KiB.")
    try:
        path.decode()
        query.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The address is not UTF-8.") from error


def _check_credentials(request: Request) -> None:
    """Refuse credentials in letters that no scheme has; werkzeug fails on some.

    Raises:
        Unauthorized: where they are not ASCII.
    """
    if not request.headers.get("Authorization", "").isascii():
        raise Unauthorized("The Authorization header cannot be read.", fault=900902)


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

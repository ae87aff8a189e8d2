"""Several tenants side by side in one server, and which of them a request is for.

`X-Jwt-Assertion-<TENANT>` ─▶ nonce `<TENANT>_…` ─▶ Host and path ─▶ the first tenant

The choice is only one of a door: each tenant knows its own tokens, nonces and ids,
and nothing of the others'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from agave_local.entrance.dispatcher import Dispatcher
from agave_local.entrance.gateway import asserted_tenant, header_name

_DEFAULT_PORTS = (":80", ":443")


@dataclass(frozen=True)
class _Door:
    """A tenant's entrance, and where it is.

    Attributes:
        dispatcher: of the tenant.
        host: of its base URL, with the port where it is not the usual one.
        prefix: path of its base URL; often empty.
    """

    dispatcher: Dispatcher
    host: str
    prefix: str


class Tenants:
    """The entrances of all tenants of a server.

    Args:
        dispatchers: one for each tenant; the first gets what names no other.
    """

    def __init__(self, dispatchers: Sequence[Dispatcher]) -> None:
        self._doors = [_to_door(dispatcher) for dispatcher in dispatchers]
        self._by_code = {
            header_name(door.dispatcher.tenant.settings.code): door
            for door in self._doors
        }

    def dispatch(self, request: Request) -> Response:
        """Answer a request by the tenant that it is for.

        Raises:
            ConnectionDropped: where a test asked for no answer; nothing else.
        """
        addressed = self._at(request)
        door = self._named(request) or addressed or self._doors[0]
        inner = _within(request, (addressed or door).prefix)
        response = door.dispatcher.dispatch(inner)
        response.call_on_close(inner.close)
        return response

    def _named(self, request: Request) -> _Door | None:
        code = asserted_tenant(request)
        if code in self._by_code:
            return self._by_code[code]
        code, parted, _ = _nonce(request).rpartition("_")
        return self._by_code.get(header_name(code)) if parted else None

    def _at(self, request: Request) -> _Door | None:
        host, path = _host(request), request.path
        there = [
            door
            for door in self._doors
            if door.host == host and _is_below(path, door.prefix)
        ]
        # Of `/agave` and `/agave/dev` the longer one is meant where both fit.
        # A proxy may have taken the path away before it came here.
        there = there or [door for door in self._doors if door.host == host]
        return max(there, key=lambda door: len(door.prefix), default=None)


def _to_door(dispatcher: Dispatcher) -> _Door:
    parts = urlsplit(dispatcher.tenant.settings.base_url)
    return _Door(dispatcher, _bare(parts.netloc), parts.path.rstrip("/"))


def _host(request: Request) -> str:
    return _bare(str(request.environ.get("HTTP_HOST", "")))


def _bare(host: str) -> str:
    """Return a host as it is compared: in small letters, without the usual port."""
    host = host.strip().lower()
    for port in _DEFAULT_PORTS:
        host = host.removesuffix(port)
    return host


def _nonce(request: Request) -> str:
    try:
        return request.args.get("x-nonce", "")
    except UnicodeDecodeError:
        return ""


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _within(request: Request, prefix: str) -> Request:
    """Return the request as a tenant sees it: the base URL's path is not there."""
    if not prefix or not _is_below(request.path, prefix):
        return request
    environ = request.environ
    length = len(prefix.encode())
    script = environ.get("SCRIPT_NAME", "")
    path = "/" + environ["PATH_INFO"].lstrip("/")
    environ["SCRIPT_NAME"] = script + path[:length]
    environ["PATH_INFO"] = path[length:]
    return Request(environ)

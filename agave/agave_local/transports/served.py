"""The tenant behind HTTP, on waitress.

socket → waitress's threads → `Application` → `Tenants` → `Dispatcher.dispatch`
"""

import errno
import ipaddress
import logging
import socket
import threading
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from waitress.channel import ClientDisconnected
from waitress.server import create_server
from werkzeug.wrappers import Request, Response

from agave_local.app import make_dispatcher
from agave_local.entrance.admission import Admission, Places
from agave_local.entrance.dispatcher import flavour_of
from agave_local.entrance.envelope import to_error
from agave_local.entrance.limits import Limiter, Limits
from agave_local.entrance.tenants import Tenants
from agave_local.errors import Unavailable
from agave_local.services.control.models import ConnectionDropped
from agave_local.tenant import Tenant
from agave_local.transports.acquaintance import Acquaintance
from agave_local.transports.guarded import Sizes, make_channel_factory
from agave_local.transports.pool import ThreadPool

_THREADS = 96
_CONNECTIONS = 2000
_HEADERS = 64 * 1024
_SILENCE_S = 60
_CLEANUP_S = 10
_JOIN_S = 10
# The last answers, such as that the tenant stops, have so long to get out.
_LAST_WORDS_S = 5
# Not whether it is ready: only from then on is every other call answered.
_ALWAYS = frozenset({"/health", "/healthz", "/metrics"})
_PROXY_HEADERS = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}

# Its lines have paths as callers sent them; the tenant's own log has them escaped.
logging.getLogger("waitress").setLevel(logging.WARNING)
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


class CannotListen(Exception):
    """The address cannot be listened at; the message says why."""


def listen(host: str, port: int) -> socket.socket:
    """Take an address, before anything else is started.

    Args:
        host: an IP address, or `localhost`.
        port: 0 for any that is free.

    Raises:
        CannotListen: for a port that is taken, or an address that is not ours.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise CannotListen(f"{host} is not an IP address.") from error
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - versions of IP
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
        listener.listen(1024)
    except (OSError, OverflowError) as error:
        listener.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            why = f"Port {port} on {host} is taken; choose another with --port."
        else:
            why = f"Port {port} on {host} cannot be used: {error}."
        raise CannotListen(why) from error
    return listener


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Phase(Enum):
    """Whether the server answers."""

    STARTING = auto()
    SERVING = auto()
    STOPPING = auto()


_REFUSALS = {
    Phase.STARTING: "The tenant is starting; try again in a moment.",
    Phase.STOPPING: "The tenant is stopping; try again when it is there again.",
}


class Application:
    """The WSGI application of a server.

    Args:
        tenants: the entrances of all tenants.

    Attributes:
        phase: whether the server answers; who watches it is always answered.
    """

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants
        self._changed = threading.Condition()
        self._under_way = 0
        self.phase = Phase.SERVING

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        self._count(1)
        try:
            response = self._dispatch(request)
        except ConnectionDropped as error:
            # waitress closes the connection without a word
            request.close()
            self._count(-1)
            raise ClientDisconnected from error
        except BaseException:
            self._count(-1)
            raise
        response.call_on_close(request.close)
        response.call_on_close(lambda: self._count(-1))
        return response(environ, start_response)

    def wait_idle(self, timeout: float) -> bool:
        """Wait until no request is under way; tell whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._under_way, timeout)

    def _dispatch(self, request: Request) -> Response:
        refusal = _REFUSALS.get(self.phase)
        if refusal is None or request.path in _ALWAYS:
            return self._tenants.dispatch(request)
        response = to_error(Unavailable(refusal), flavour_of(request.path))
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def _count(self, change: int) -> None:
        with self._changed:
            self._under_way += change
            self._changed.notify_all()


class Served:
    """Tenants being served; owns the threads that do it.

    Args:
        tenant: to serve; what names no other tenant is for it.
        listener: a listening socket, which it will close.
        threads: how many calls are answered at a time.
        others: further tenants at the same address.
        limits: how often callers may call; as often as they like where None.
        sizes: of the largest bodies.
        deadline_s: how long calls under way have to end when it is stopped.
        trusted_proxy: address of a proxy whose word on its callers is taken.
    """

    def __init__(
        self,
        tenant: Tenant,
        listener: socket.socket,
        threads: int = _THREADS,
        *,
        others: Sequence[Tenant] = (),
        limits: Limits | None = None,
        sizes: Sizes | None = None,
        deadline_s: float = 0,
        trusted_proxy: str = "",
    ) -> None:
        self._all = (tenant, *others)
        self._deadline_s = deadline_s
        for each in self._all:
            each.outgoing.guard(listener.getsockname()[1])
        self._map: dict[int, Any] = {}
        limiter = None if limits is None else Limiter(limits)
        # A synchronous message holds a thread while its function calls the tenant
        # back, so a third of them is never given to such messages.
        places = Places(max(threads * 2 // 3, 1), max(threads // 3, 1))
        admission = Admission(tenant.metrics, limiter, places)
        self._application = Application(
            Tenants([make_dispatcher(each, admission) for each in self._all])
        )
        self._server = create_server(
            self._application,
            map=self._map,
            sockets=[listener],
            _dispatcher=ThreadPool(threads),
            ident="",
            max_request_header_size=_HEADERS,
            recv_bytes=65536,
            connection_limit=_CONNECTIONS,
            channel_timeout=_SILENCE_S,
            cleanup_interval=_CLEANUP_S,
            asyncore_use_poll=True,
            **_proxy(trusted_proxy),
        )
        self._server.channel_class = make_channel_factory(
            # Uploads hold a thread too, and never more than a third of them.
            max(threads // 3, 1),
            sizes or Sizes(),
            lambda address: address == trusted_proxy or is_loopback(address),
            lambda: self._application.phase is Phase.STOPPING,
            Acquaintance(self._all).knows,
        )
        self._loop = threading.Thread(target=self._run, name="agave-local", daemon=True)

    def start(self) -> None:
        """Begin to answer, and let the tenants work."""
        self._application.phase = Phase.STARTING
        self._loop.start()
        for tenant in self._all:
            tenant.start()
        self._application.phase = Phase.SERVING

    @property
    def is_alive(self) -> bool:
        """Whether calls are being answered."""
        return self._loop.is_alive()

    def stop(self) -> None:
        """Answer what is under way, end the tenants' work, close the socket.

        Who waits for an execution beyond the deadline is told that the tenant stops.
        """
        self._application.phase = Phase.STOPPING
        for tenant in self._all:
            tenant.leave()
        self._server.trigger.pull_trigger(self._stop_accepting)
        self._application.wait_idle(self._deadline_s)
        for tenant in self._all:
            tenant.stop()
        self._application.wait_idle(_LAST_WORDS_S)
        self._server.task_dispatcher.shutdown()
        self._server.trigger.pull_trigger(self._close)
        self._loop.join(_JOIN_S)

    def _run(self) -> None:
        try:
            self._server.asyncore.loop(
                timeout=1, map=self._map, use_poll=self._server.adj.asyncore_use_poll
            )
        finally:
            for tenant in self._all:
                tenant.store.close()

    def _stop_accepting(self) -> None:
        self._server.accepting = False
        self._server.del_channel()
        self._server.socket.close()

    def _close(self) -> None:
        self._server.asyncore.close_all(self._map)


def _proxy(trusted: str) -> dict[str, Any]:
    """Return waitress's settings for a proxy in front.

    Headers of a proxy that is not trusted stay where they are: nobody reads them, but
    they tell that a caller is not on this machine, whatever the socket says.
    """
    settings: dict[str, Any] = {"clear_untrusted_proxy_headers": False}
    if trusted:
        settings |= {
            "trusted_proxy": trusted,
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": _PROXY_HEADERS,
        }
    return settings

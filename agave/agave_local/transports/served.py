"""The tenant behind HTTP, on waitress.

socket → waitress's threads → `Application` → `Dispatcher.dispatch`
"""

import errno
import ipaddress
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from waitress.channel import ClientDisconnected
from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher
from werkzeug.wrappers import Request, Response

from agave_local.app import make_dispatcher
from agave_local.call import Flavour
from agave_local.dispatcher import Dispatcher
from agave_local.envelope import to_error
from agave_local.errors import TooMany
from agave_local.services.control.models import ConnectionDropped
from agave_local.tenant import Tenant

_THREADS = 96
_MAX_BODY = 64 * 2**30
_JOIN_S = 10

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


class Application:
    """The WSGI application of a tenant.

    Args:
        dispatcher: the tenant's entrance.
        synchronous: how many synchronous messages may wait at a time.
    """

    def __init__(self, dispatcher: Dispatcher, synchronous: int) -> None:
        self._dispatcher = dispatcher
        self._waiting = threading.BoundedSemaphore(synchronous)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        try:
            response = self._dispatch(request)
        except ConnectionDropped as error:
            # waitress closes the connection without a word
            request.close()
            raise ClientDisconnected from error
        response.call_on_close(request.close)
        return response(environ, start_response)

    def _dispatch(self, request: Request) -> Response:
        if "_abaco_synchronous" not in request.args:
            return self._dispatcher.dispatch(request)
        if not self._waiting.acquire(blocking=False):
            refusal = TooMany("Too many synchronous messages at once; try again.")
            response = to_error(refusal, Flavour.ABACO)
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response
        try:
            return self._dispatcher.dispatch(request)
        finally:
            self._waiting.release()


class _Threads(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """Starts its threads one after the other.

    Python 3.11 cannot install a trace function, as coverage does, in two threads at
    the same moment; the thread that comes second would die.
    """

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        """Start a thread, and wait until it runs."""
        begun = threading.Event()

        def run(number: int) -> None:
            begun.set()
            target(number)

        super().start_new_thread(run, thread_no)
        begun.wait()


class Served:
    """A tenant being served; owns the threads that do it.

    Args:
        tenant: to serve.
        listener: a listening socket, which it will close.
        threads: how many calls are answered at a time.
    """

    def __init__(
        self, tenant: Tenant, listener: socket.socket, threads: int = _THREADS
    ) -> None:
        self._tenant = tenant
        self._map: dict[int, Any] = {}
        pool = _Threads()
        pool.set_thread_count(threads)
        self._server = create_server(
            # A synchronous message holds a thread while its function calls the
            # tenant back, so a third of them is never given to such messages.
            Application(make_dispatcher(tenant), threads * 2 // 3),
            map=self._map,
            sockets=[listener],
            _dispatcher=pool,
            ident="",
            max_request_body_size=_MAX_BODY,
            recv_bytes=65536,
            connection_limit=2000,
            asyncore_use_poll=True,
        )
        self._loop = threading.Thread(target=self._run, name="agave-local", daemon=True)

    def start(self) -> None:
        """Let the tenant work, and begin to answer."""
        # Calls that come in meanwhile wait in the socket's queue.
        self._tenant.start()
        self._loop.start()

    @property
    def is_alive(self) -> bool:
        """Whether calls are being answered."""
        return self._loop.is_alive()

    def stop(self) -> None:
        """Answer what is under way, end the tenant's work, close the socket."""
        self._server.trigger.pull_trigger(self._stop_accepting)
        self._tenant.stop()
        self._server.task_dispatcher.shutdown()
        self._server.trigger.pull_trigger(self._close)
        self._loop.join(_JOIN_S)

    def _run(self) -> None:
        self._server.asyncore.loop(
            timeout=1, map=self._map, use_poll=self._server.adj.asyncore_use_poll
        )

    def _stop_accepting(self) -> None:
        self._server.accepting = False
        self._server.del_channel()
        self._server.socket.close()

    def _close(self) -> None:
        self._server.asyncore.close_all(self._map)

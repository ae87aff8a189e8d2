"""Connections that take no nonsense: what waitress would take too long, or too gladly.

socket ─▶ `GuardedChannel` ─▶ `GuardedParser` ─▶ a task, or `GuardedErrorTask`

A request has to come in at some pace, its body may be as large as its address allows,
and whatever is refused before there is a request is refused in JSON.
"""

import copy
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from waitress.adjustments import Adjustments
from waitress.parser import ParsingError
from waitress.task import ErrorTask

from agave_local.entrance.dispatcher import flavour_of
from agave_local.entrance.envelope import to_error
from agave_local.errors import LocalTenantError, Unavailable
from agave_local.transports.streams import (
    SMALLEST,
    StreamingChannel,
    StreamingParser,
    StreamingTask,
)

_MIB = 2**20
# waitress keeps such bodies, whose length nobody knows, before anybody looks at them.
_CHUNKED_BY_STRANGERS, _CHUNKED = _MIB, 2048 * _MIB
_GRACE_S = 20.0
_LEAST_BYTES_PER_S = 512
_CROWDED = 0.5
_SHARE = 0.125
_IDLE_S = 2.0
_REFUSALS = {
    400: "The request cannot be read.",
    413: "The body is larger than the tenant takes here, or of unknown length from "
    "somebody it does not know; send a good token, and a Content-Length.",
    431: "The headers are larger than the tenant takes.",
    501: "The tenant knows no transfer encoding but chunked.",
    503: "Too many large uploads at once; try again in a moment.",
}
_log = logging.getLogger(__name__)

Knows = Callable[[str, Mapping[str, str]], bool]


@dataclass(frozen=True)
class Sizes:
    """The largest bodies, in bytes.

    Attributes:
        document: descriptions, records, forms.
        message: to an actor.
        file: uploads.
    """

    document: int = 17 * _MIB
    message: int = 512 * _MIB
    file: int = 64 * 1024 * _MIB

    def of(self, path: str) -> int:
        """Return the largest body for a path."""
        if "/files/" in path or "/postits/" in path:
            return self.file
        if "/actors/" in path and path.rstrip("/").endswith("/messages"):
            return self.message
        return self.document


class GuardedParser(StreamingParser):
    """Refuses what two programs could read in two ways, and bodies without measure.

    Args:
        adj: waitress's settings.
        channel: that the request comes through.
        sizes: of bodies.
    """

    adj: Any

    def __init__(
        self, adj: Adjustments, channel: "GuardedChannel", sizes: Sizes
    ) -> None:
        super().__init__(adj, channel)
        self._sizes = sizes
        self._guard = channel

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head of a request.

        Raises:
            ParsingError: where it says in two ways how long its body is.
        """
        super().parse_header(header_plus)
        if "TRANSFER_ENCODING" in self.headers or (
            self.chunked and "CONTENT_LENGTH" in self.headers
        ):
            raise ParsingError("The length of the body is not clear.")
        if self.chunked or self.content_length >= SMALLEST:
            self.is_known = self._guard.knows(self.query, self.headers)
        most = self._sizes.of(self.path)
        if self.chunked:
            most = min(most, _CHUNKED if self.is_known else _CHUNKED_BY_STRANGERS)
        # waitress asks its settings how large a body may be.
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = most + 1


class Unreadable(LocalTenantError):
    """What came in is no request of the tenant's.

    Args:
        status: that waitress would answer.
    """

    code = "unreadable"

    def __init__(self, status: int) -> None:
        super().__init__(_REFUSALS.get(status, "The local tenant failed."))
        self.status = status


class GuardedTask(StreamingTask):
    """Answers a request; the last one of a connection where the server stops."""

    def build_response_header(self) -> bytes:
        """Write the head of the answer."""
        if self.channel.is_stopping():
            self.set_close_on_finish()
        return super().build_response_header()


class GuardedErrorTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Answers in JSON what could not become a request of the tenant."""

    def execute(self) -> None:
        """Write the answer, and end the connection."""
        status, path = self.request.error.code, getattr(self.request, "path", "")
        response = to_error(_to_refusal(status), flavour_of(path))
        body = response.get_data()
        self.status = response.status
        self.response_headers.extend(response.headers.items())
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class GuardedChannel(StreamingChannel):
    """A connection whose requests have to come in at some pace.

    Attributes:
        sizes: of bodies.
        is_stopping: tells whether the server is about to end.
        knows: tells by query and headers whether somebody good sends a request.
        now: tells the time in seconds, from any beginning.
    """

    task_class = GuardedTask
    error_task_class = GuardedErrorTask
    sizes = Sizes()
    is_stopping: Callable[[], bool] = staticmethod(lambda: False)
    knows: Knows = staticmethod(lambda _query, _headers: True)
    now: Callable[[], float] = staticmethod(time.monotonic)
    _begun = 0.0
    _taken = 0

    def parser_class(self, adj: Adjustments) -> GuardedParser:
        """Return a parser for the next request."""
        return GuardedParser(adj, self, self.sizes)

    def received(self, data: bytes) -> bool:
        """Take in data; end a connection that only pretends to send a request."""
        before = self.request
        was_taken: bool = super().received(data)
        if self.request is None:
            return was_taken
        # Nothing is read while an earlier request is being answered.
        if self.request is not before or self.requests:
            self._begun, self._taken = self.now(), 0
        self._taken += len(data)
        seconds = self.now() - self._begun - _GRACE_S
        if self._taken < seconds * _LEAST_BYTES_PER_S:
            _log.warning("a connection was too slow with its request, and was closed")
            self.will_close = True
        return was_taken


def _to_refusal(status: int) -> LocalTenantError:
    if status == Unavailable.status:
        return Unavailable("Too many uploads at once; try again in a moment.")
    return Unreadable(status)


def make_channel_factory(
    uploads: int,
    sizes: Sizes,
    is_trusted: Callable[[str], bool],
    is_stopping: Callable[[], bool] = lambda: False,
    knows: Knows = lambda _query, _headers: True,
) -> Callable[..., GuardedChannel | None]:
    """Return what makes one server's connections.

    Args:
        uploads: how many may hold a thread at a time.
        sizes: of bodies.
        is_trusted: tells addresses that may have any number of connections, such as
            that of a proxy.
        is_stopping: tells whether the server is about to end.
        knows: tells by query and headers whether somebody good sends a request.
    """
    slots = threading.BoundedSemaphore(uploads)
    members = {
        "slots": slots,
        "sizes": sizes,
        "is_stopping": staticmethod(is_stopping),
        "knows": staticmethod(knows),
    }
    channel_class = type("Channel", (GuardedChannel,), members)

    def connect(
        server: Any, sock: Any, addr: Any, adj: Adjustments, **more: Any
    ) -> GuardedChannel | None:
        channels = list(server.active_channels.values())
        if len(channels) >= _CROWDED * adj.connection_limit:
            _close_idle(channels)
            same = sum(channel.addr[0] == addr[0] for channel in channels)
            if same >= _SHARE * adj.connection_limit and not is_trusted(addr[0]):
                sock.close()
                return None
        channel: GuardedChannel = channel_class(server, sock, addr, adj, **more)
        return channel

    return connect


def _close_idle(channels: list[Any]) -> None:
    """End connections on which nothing is going on, to make room for others."""
    before = time.time() - _IDLE_S
    for channel in channels:
        is_idle = not channel.requests and channel.request is None
        if is_idle and channel.last_activity < before:
            channel.will_close = True

"""The tenant inside one process: requests to its address never leave it.

`requests` → `responses` → a werkzeug request → `Dispatcher.dispatch`
"""

import re
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
import responses
from werkzeug.wrappers import Request

from agave_local.app import make_dispatcher
from agave_local.clock import Clock, Ids
from agave_local.entrance.dispatcher import Dispatcher
from agave_local.handle import LocalAgave
from agave_local.lock import locked
from agave_local.outgoing.policy import NOWHERE, Delivery
from agave_local.services.control.models import ConnectionDropped
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant

_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
_IN_MEMORY = 2**20

# responses takes a list of headers as well, which may name one twice.
_Answer = tuple[int, Any, bytes]


class Switchboard:
    """Every tenant that answers inside this process, by its address.

    All of them share one interception of `requests`, which begins with the first and
    ends with the last; a host that is none of theirs cannot be reached meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._connected: dict[str, LocalAgave] = {}
        self._responses: dict[str, list[responses.BaseResponse]] = {}
        self._mock: responses.RequestsMock | None = None

    def find(self, base_url: str) -> LocalAgave | None:
        """Return what answers at an address, or None."""
        with self._lock:
            return self._connected.get(base_url)

    def connect(self, tenant: Tenant) -> LocalAgave:
        """Let a tenant answer at its address.

        Raises:
            RuntimeError: where another one answers there.
        """
        base_url = tenant.settings.base_url
        answer = partial(_answer, make_dispatcher(tenant), base_url)
        tenant.outgoing.connect_own(base_url, partial(_deliver, answer))
        address = re.compile(re.escape(base_url) + r"(?:[/?].*)?\Z", re.DOTALL)
        with self._lock:
            if base_url in self._connected:
                raise RuntimeError(f"another tenant answers at {base_url}")
            if self._mock is None:
                self._mock = responses.RequestsMock(assert_all_requests_are_fired=False)
                self._mock.start()
            self._responses[base_url] = [
                self._mock.add_callback(method, address, answer, content_type=None)
                for method in _METHODS
            ]
            agave = LocalAgave(base_url, tenant, self._mock)
            self._connected[base_url] = agave
            return agave

    def disconnect(self, base_url: str) -> None:
        """Let nobody answer at an address any more."""
        with self._lock:
            del self._connected[base_url]
            if self._mock is None:
                return
            for response in self._responses.pop(base_url):
                self._mock.remove(response)
            if not self._connected:
                self._mock.stop(allow_assert=False)
                self._mock = None


SWITCHBOARD = Switchboard()


@contextmanager
def connected(
    data: Path | None,
    base_url: str,
    *,
    clock: Clock | None,
    ids: Ids | None,
    **settings: Any,
) -> Iterator[LocalAgave]:
    """Run a new tenant in this process and let it answer at an address.

    Args:
        data: its folder; a new one that is removed afterwards, where None.
        base_url: its address, without a trailing slash.
        clock: of the tenant.
        ids: of the tenant.
        settings: further fields of `TenantSettings`.
    """
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(locked(data))
        # Nothing leaves this process, but what a test asks for.
        settings.setdefault("outgoing", NOWHERE)
        chosen = TenantSettings(data, base_url, runner="inline", **settings)
        tenant = Tenant(chosen, clock, ids)
        agave = SWITCHBOARD.connect(tenant)
        stack.callback(SWITCHBOARD.disconnect, base_url)
        tenant.start()
        stack.callback(tenant.stop)
        yield agave


def _deliver(
    answer: Callable[[requests.PreparedRequest], _Answer], delivery: Delivery
) -> int:
    """Give a message of the tenant to itself; return the status of its answer."""
    request = requests.Request(
        "POST", delivery.url, dict(delivery.headers), data=delivery.body
    )
    return answer(request.prepare())[0]


def _answer(
    dispatcher: Dispatcher, base_url: str, prepared: requests.PreparedRequest
) -> _Answer:
    with _to_request(prepared, base_url) as request:
        try:
            response = dispatcher.dispatch(request)
        except ConnectionDropped as error:
            raise requests.ConnectionError(
                "The connection was closed without an answer."
            ) from error
        with response:
            body = response.get_data() if prepared.method != "HEAD" else b""
            return response.status_code, list(response.headers), body


@contextmanager
def _to_request(prepared: requests.PreparedRequest, base_url: str) -> Iterator[Request]:
    base, parts = urlsplit(base_url), urlsplit(prepared.url or "")
    path = parts.path[len(base.path) :]
    with _body(prepared.body) as (stream, length):
        environ: dict[str, Any] = {
            "REQUEST_METHOD": prepared.method,
            "SCRIPT_NAME": base.path,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": parts.query,
            "SERVER_NAME": parts.hostname,
            "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": parts.netloc,
            "wsgi.url_scheme": parts.scheme,
            "wsgi.input": stream,
            "wsgi.input_terminated": True,
        }
        for name, value in prepared.headers.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                key = f"HTTP_{key}"
            environ[key] = _to_text(value)
        # A stream has no length of its own, but it has ended here.
        environ["CONTENT_LENGTH"] = str(length)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        with Request(environ) as request:
            yield request


def _to_text(value: object) -> str:
    """Read a header's value; requests lets bytes through, whatever its types say."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


@contextmanager
def _body(body: Any) -> Iterator[tuple[IO[bytes], int]]:
    """Open a prepared body of any kind: text, bytes, a file, an iterable."""
    if isinstance(body, str):
        body = body.encode()
    if body is None or isinstance(body, bytes | bytearray):
        yield BytesIO(body or b""), len(body or b"")
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        for chunk in _chunks(body):
            spool.write(chunk.encode() if isinstance(chunk, str) else chunk)
        length = spool.tell()
        spool.seek(0)
        yield spool, length


def _chunks(body: Any) -> Iterable[bytes | str]:
    if hasattr(body, "read"):
        return iter(lambda: body.read(_IN_MEMORY), b"")
    chunks: Iterable[bytes | str] = body
    return chunks

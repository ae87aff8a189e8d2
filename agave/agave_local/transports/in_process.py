"""The tenant inside one process: requests to its address never leave it.

`requests` → `responses` → a werkzeug request → `Dispatcher.dispatch`
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
import responses
from werkzeug.wrappers import Request

from agave_local.app import make_dispatcher
from agave_local.clock import Clock, Ids
from agave_local.dispatcher import Dispatcher
from agave_local.lock import locked
from agave_local.services.control.models import ConnectionDropped
from agave_local.services.profiles.models import PASSWORD_COST
from agave_local.settings import TenantSettings
from agave_local.tenant import Tenant

BASE_URL = "https://agave.test"
_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")
_IN_MEMORY = 2**20

# responses takes a list of headers as well, which may name one twice.
_Answer = tuple[int, Any, bytes]


@contextmanager
def mock_agave(
    data: Path | None = None,
    base_url: str = BASE_URL,
    *,
    images: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    password_cost: int = PASSWORD_COST,
    control: bool = False,
) -> Iterator[Tenant]:
    """Answer every request to `base_url` by a tenant in this process.

    Requests to any other host fail: nothing reaches a real network.
    Usable as a context manager and as a decorator.

    Args:
        data: folder of the tenant; a new one that is removed, where None.
        base_url: of the tenant, without a trailing slash.
        images: image name → importable package, for actors.
        clock: of the tenant.
        ids: of the tenant.
        password_cost: of scrypt; tests choose a cheap one.
        control: whether `/local` answers anybody.
    """
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(locked(data))
        settings = TenantSettings(
            data,
            base_url,
            images=images or {},
            runner="inline",
            password_cost=password_cost,
            control=control,
        )
        tenant = Tenant(settings, clock, ids)
        stack.enter_context(_intercepted(make_dispatcher(tenant), base_url))
        tenant.start()
        stack.callback(tenant.stop)
        yield tenant


@contextmanager
def _intercepted(dispatcher: Dispatcher, base_url: str) -> Iterator[None]:
    def answer(prepared: requests.PreparedRequest) -> _Answer:
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

    address = re.compile(re.escape(base_url) + r"(?:[/?].*)?\Z", re.DOTALL)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in _METHODS:
            mock.add_callback(method, address, answer, content_type=None)
        yield


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

"""agavepy's operations, prepared once and cheap to use after that.

Rendering agavepy's resource templates takes about 100 ms, more than the whole budget
of a message.  So it is done once a process, for no address in particular, best in
the warm parent before it forks; a client then borrows single operations and sends
them through its own transport.
"""

import copy
import functools
import json
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from iptweb.errors import UpstreamError

from .failures import unusable
from .transport import ANYWHERE, TenantTransport

__all__ = ["Operations", "load_agavepy"]

_RESOURCES: Final = ("actors", "apps", "files", "jobs", "meta", "profiles", "systems")


@dataclass(frozen=True)
class Prepared:
    """What is made once.

    Attributes:
        operation: agavepy's class of operations.
        api: The tree of resources and operations.
        exceptions: Models that depend on the platform's version.
    """

    operation: Any
    api: Any
    exceptions: Any


@functools.cache
def load_agavepy() -> Prepared:
    """Import agavepy and prepare its operations, for `ANYWHERE`."""
    before = list(sys.path)
    # Imported here because it is slow, and a function without calls needs none of it.
    from agavepy import agave as agavepy  # noqa: PLC0415

    # agavepy puts its own folder first on the path, full of names such as `files`.
    sys.path[:] = before
    # Its log lines at INFO hold whole request bodies.
    logging.getLogger("swaggerpy").setLevel(logging.WARNING)
    resources = agavepy.load_resource(ANYWHERE)
    resources["apis"] = [
        api for api in resources["apis"] if api["path"].strip("/") in _RESOURCES
    ]
    exceptions = Path(agavepy.HERE, "resource_exceptions.json").read_text("utf-8")
    return Prepared(
        operation=agavepy.Operation,
        api=agavepy.SwaggerClient(
            resources,
            http_client=agavepy.SynchronousHttpClient(),
            extra_processors=[agavepy.AgaveProcessor()],
        ),
        exceptions=json.loads(exceptions),
    )


class Operations:
    """Calls agavepy's operations over a transport of ours."""

    def __init__(self, transport: TenantTransport) -> None:
        prepared = load_agavepy()
        self._operation = prepared.operation
        self._client = _Client(prepared, transport)

    def call(self, resource: str, operation: str, **arguments: Any) -> Any:
        """Call one operation and return its result as plain JSON values.

        Raises:
            UpstreamError: The call did not succeed, or the answer is not Agave's.
        """
        try:
            call = self._operation(resource, operation, self._client)
            return call(**arguments)
        except UpstreamError:
            raise
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            # What agavepy raises when an answer is not the envelope it expects.
            raise unusable(resource, cause=type(error).__name__) from error


class _Client:
    """What an agavepy operation asks of the client that it belongs to.

    agavepy's own can't be copied, and making one takes 10 ms and leaves a file open.
    """

    proxies: ClassVar[dict[str, str]] = {}
    clients_resource = None

    def __init__(self, prepared: Prepared, transport: TenantTransport) -> None:
        self.all = _Api(prepared.api, transport)
        self.resource_exceptions = prepared.exceptions


class _Api:
    """agavepy's tree of resources, each bound to a transport when it is asked for."""

    def __init__(self, prepared: Any, transport: TenantTransport) -> None:
        self._prepared = prepared
        self._transport = transport

    def __getattr__(self, resource: str) -> "_Resource":
        return _Resource(getattr(self._prepared, resource), self._transport)


class _Resource:
    def __init__(self, prepared: Any, transport: TenantTransport) -> None:
        self.json = prepared.json
        self._prepared = prepared
        self._transport = transport

    def __getattr__(self, operation: str) -> Any:
        bound = copy.copy(getattr(self._prepared, operation))
        bound.http_client = self._transport
        return bound

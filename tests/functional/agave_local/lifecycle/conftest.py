"""A served tenant, and an agavepy that remembers which operations it has called."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agave_local.operations import MISSING, coverage
from agave_local.services.actors.runner.images import check_images
from agave_local.testing import LocalAgave, served_agave

_PROBE = """
import os, socket
said = os.environ.get("MSG", "")
print("said", said)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as results:
    results.sendto(f"frame of {said}".encode(), os.environ["_abaco_results_socket"])
"""
IMAGES = check_images({"probe": {"command": [sys.executable, "-c", _PROBE]}})


class Recorded:
    """An agavepy client whose successful calls are remembered.

    Args:
        client: agavepy's.
        called: names of the operations that have succeeded, for all clients.
    """

    def __init__(self, client: Any, called: set[str]) -> None:
        self._client = client
        self._called = called

    def __getattr__(self, service: str) -> "_Service":
        return _Service(getattr(self._client, service), service, self._called)


class _Service:
    def __init__(self, resource: Any, name: str, called: set[str]) -> None:
        self._resource = resource
        self._name = name
        self._called = called

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        call = getattr(self._resource, operation)

        def recorded(**arguments: Any) -> Any:
            result = call(**arguments)
            self._called.add(f"{self._name}.{operation}")
            return result

        return recorded


class Lifecycle:
    """What the test of one service needs.

    Attributes:
        agave: the tenant.
        called: names of the operations that have succeeded.
    """

    def __init__(self, agave: LocalAgave) -> None:
        self.agave = agave
        self.called: set[str] = set()

    def client(self, username: str) -> Any:
        """Return agavepy, signed in as a user."""
        return Recorded(self.agave.agavepy(username), self.called)

    def file(self, name: str, content: bytes) -> io.BytesIO:
        """Return what agavepy takes for a file to upload: it must have a name."""
        file = io.BytesIO(content)
        file.name = name
        return file

    def missed(self, service: str) -> set[str]:
        """Return the operations of a service that are here and were not called."""
        return {
            operation.name
            for operation in coverage()
            if operation.service == service
            and operation.state != MISSING
            and operation.name not in self.called
        }


@pytest.fixture(name="life")
def _life(tmp_path: Path) -> Iterator[Lifecycle]:
    with served_agave(tmp_path / "data", images=IMAGES) as agave:
        yield Lifecycle(agave)

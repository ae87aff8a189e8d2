"""A host that starts nothing."""

import dataclasses
from typing import TYPE_CHECKING

from iptweb.terminals.host.base import Ended, Launched, LaunchRequest

if TYPE_CHECKING:
    from iptweb.errors import TerminalError

__all__ = ["FakeHost"]


class FakeHost:
    """Keeps its terminals in a dictionary; implements `Host`.

    Attributes:
        terminals: Name to living terminal.
        endings: Name to how the last terminal of that name ended.
        requests: Every launch that was asked for.
        failure: Raised by the next calls, until it is taken away.
    """

    def __init__(self) -> None:
        self.terminals: dict[str, Launched] = {}
        self.endings: dict[str, Ended] = {}
        self.requests: list[LaunchRequest] = []
        self.failure: TerminalError | None = None

    def launch(self, request: LaunchRequest) -> Launched:
        """Start a terminal, or return the one that is there."""
        self._fail()
        self.requests.append(request)
        port = 40_000 + len(self.requests)
        new = Launched(
            request.name, request.launch, f"ws://127.0.0.1:{port}/", "fake 127.0.0.1"
        )
        return self.terminals.setdefault(request.name, new)

    def stop(self, name: str) -> bool:
        """End a terminal."""
        self._fail()
        return self.terminals.pop(name, None) is not None

    def inspect(self, name: str) -> Launched | None:
        """Return a living terminal."""
        self._fail()
        return self.terminals.get(name)

    def living(self) -> list[Launched]:
        """Return all living terminals."""
        self._fail()
        return [self.terminals[name] for name in sorted(self.terminals)]

    def ended(self, name: str) -> Ended | None:
        """Return how a terminal ended."""
        self._fail()
        return self.endings.get(name)

    def move(self, name: str, url: str) -> None:
        """Give a living terminal another address, as a new launch elsewhere would."""
        self.terminals[name] = dataclasses.replace(self.terminals[name], url=url)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure

"""A host that starts nothing."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from iptweb.errors import HostsFull, HostUnreachable
from iptweb.terminals.host.base import Ended, Ending, Launched, LaunchRequest

if TYPE_CHECKING:
    from iptweb.errors import TerminalError

__all__ = ["FakeHost"]


class FakeHost:
    """Keeps its terminals in a dictionary; implements `Host`.

    Several of them, each with a name, are the members of a `HostPool`.

    Attributes:
        terminals: Name to living terminal.
        endings: Name to how the last terminal of that name ended.
        requests: Every launch that was asked for.
        capacity: Most terminals on it, 0 for no limit.
        failure: Raised by the next calls, until it is taken away.
        launch_failure: Raised where a terminal would be started, in the same way.
        clock: Tells when a terminal was started.
    """

    def __init__(
        self,
        name: str = "fake 127.0.0.1",
        *,
        capacity: int = 0,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.name = name
        self.terminals: dict[str, Launched] = {}
        self.endings: dict[str, Ended] = {}
        self.requests: list[LaunchRequest] = []
        self.capacity = capacity
        self.failure: TerminalError | None = None
        self.launch_failure: TerminalError | None = None
        self.clock = clock

    def launch(self, request: LaunchRequest) -> Launched:
        """Start a terminal, or return the one that is there."""
        self._fail()
        self.requests.append(request)
        living = self.terminals.get(request.name)
        if living is not None:
            return living
        if self.capacity and len(self.terminals) >= self.capacity:
            raise HostsFull(f"{self.name} is full.")
        if self.launch_failure is not None:
            raise self.launch_failure
        new = Launched(
            name=request.name,
            launch=request.launch,
            url=f"ws://127.0.0.1:{40_000 + len(self.requests)}/",
            host=self.name,
            started=self.clock(),
        )
        # What was known of an earlier one is cleared away with it.
        self.endings.pop(request.name, None)
        self.terminals[request.name] = new
        return new

    def stop(self, name: str, launch: str = "") -> bool:
        """End a terminal, or only one launch of it."""
        self._fail()
        known = self.terminals.get(name) or self.endings.get(name)
        if launch and (known is None or known.launch != launch):
            return False
        self.endings.pop(name, None)
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

    def end(self, name: str, ending: Ending = Ending.EXIT) -> None:
        """Let a terminal end by itself."""
        self.endings[name] = Ended(self.terminals.pop(name).launch, ending)

    def fall_silent(self) -> None:
        """Answer nobody until `come_back`."""
        self.failure = HostUnreachable(f"{self.name} is away.")

    def come_back(self) -> None:
        """Answer again."""
        self.failure = None

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure

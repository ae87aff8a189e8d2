"""The door of a terminal on an execution host: a container there listens.

    door container (the host's network) ── Unix socket in a volume ──▶ terminal (none)

It says its port, hands the socket to the first who comes, and ends; it waits 30 s.
Volume and container bear a random name, so that launches do not meet; what a launcher
that was killed leaves behind is removed by a later one.
"""

import contextlib
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iptweb.errors import HostUnreachable, LaunchFailed
from iptweb.settings.terminals import TerminalLimits

from .door import LEFT_BEHIND_SECONDS, NOT_STARTED, OpenDoor
from .engine import ContainerEngine, EngineRefused
from .order import DOOR, DOOR_FOLDER, LABEL, Account, Mount, Order, Scope, read_started

__all__ = ["FarDoor"]

POLL_SECONDS = 0.05
OPEN_SECONDS = 20.0
PREFIX = "ipt-door-"
PORT = re.compile(r"^port (\d{1,5})$", re.MULTILINE)
# A small program that lives for a moment.
LIMITS = TerminalLimits(
    memory_bytes=256 << 20,
    processors=1.0,
    processes=16,
    file_bytes=1 << 20,
    temporary_bytes=1 << 20,
)


@dataclass
class _OpenDoor:
    port: int
    name: str
    mounts: tuple[Mount, ...]

    def hand_over(self, is_running: Callable[[], bool], deadline: float) -> None:
        """Leave it to the door, which hands its socket over by itself."""
        del is_running, deadline


class FarDoor:
    """Listens in a container of the execution host; implements `Door`.

    Args:
        engine: Of the execution host.
        scope: Whose containers they are.
        image: Of the container, the terminal's own.
        address: Where terminals listen.
        clock: Seconds since the epoch.
        sleep: Waits.
    """

    def __init__(
        self,
        engine: ContainerEngine,
        scope: Scope,
        *,
        image: str,
        address: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine = engine
        self._scope = scope
        self._image = image
        self._address = address
        self._clock = clock
        self._sleep = sleep

    @contextlib.contextmanager
    def open(self, name: str, user: str, account: Account) -> "Iterator[OpenDoor]":
        """Start the container that listens; it is gone at the end in any case."""
        del user
        labels = self._scope.labels("door", name, self._clock())
        own = f"{PREFIX}{secrets.token_hex(8)}"
        with contextlib.ExitStack() as opened:
            self._engine.create_volume(own, labels, str(account))
            # It stays while a terminal uses it.
            opened.callback(self._engine.remove_volume, own)
            container = self._engine.create(self._order(own, labels, account))
            opened.callback(self._close, container)
            self._engine.start(container)
            port = self._read_port(container)
            yield _OpenDoor(port, own, (Mount(own, DOOR_FOLDER, "volume"),))

    def forget(self, name: str) -> None:
        """Remove the volume that a terminal had its socket from."""
        if name.startswith(PREFIX):
            self._engine.remove_volume(name)

    def clear(self) -> None:
        """Remove doors and volumes that launchers who were killed have left behind."""
        label = f"{LABEL}scope={self._scope.id}"
        oldest = self._clock() - LEFT_BEHIND_SECONDS
        for container in self._engine.labelled(label):
            if container.label("role") == "door" and container.started < oldest:
                self._engine.remove(container.id)
        for name, labels in self._engine.volumes(label).items():
            if read_started(labels) < oldest:
                self._engine.remove_volume(name)

    def _close(self, container: str) -> None:
        # If it stays, a later `clear` removes it; the terminal is not to fail for it.
        with contextlib.suppress(EngineRefused, HostUnreachable):
            self._engine.remove(container)

    def _order(self, own: str, labels: dict[str, str], account: Account) -> Order:
        return Order(
            name=own,
            image=self._image,
            command=("webterm.door", "--address", self._address, "--socket", DOOR),
            labels=labels,
            account=account,
            network="host",
            limits=LIMITS,
            mounts=(Mount(own, DOOR_FOLDER, "volume", writable=True),),
        )

    def _read_port(self, container: str) -> int:
        """Wait until the door says where it listens.

        Raises:
            LaunchFailed: It does not.
        """
        deadline = time.monotonic() + OPEN_SECONDS
        while time.monotonic() < deadline:
            running = self._engine.find(container)
            said = PORT.search(self._engine.log_tail(container, errors_only=False))
            if said is not None:
                return int(said[1])
            if running is None or not (
                running.is_running or running.status == "created"
            ):
                break
            self._sleep(POLL_SECONDS)
        raise LaunchFailed(
            NOT_STARTED, log=self._engine.log_tail(container, errors_only=False)
        )

"""Where containers run: this machine's engine, or that of an execution host."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from iptweb.errors import ConfigError
from iptweb.secret import Secret
from iptweb.settings.terminals import EngineHost

from .door import Door, LocalDoor
from .engine import ContainerEngine
from .homes import Homes, LocalHomes
from .order import Scope

__all__ = ["FarPlace", "LocalPlace", "Place", "Reach"]


@dataclass(frozen=True)
class Reach:
    """What can be done on a host while it is connected.

    Attributes:
        engine: Runs the containers.
        door: Listens for them.
        homes: The users' folders.
    """

    engine: ContainerEngine
    door: Door
    homes: Homes


class Place(Protocol):
    """A machine with an engine."""

    def connect(self) -> contextlib.AbstractContextManager[Reach]:
        """Reach it, for as long as the context lasts.

        Raises:
            ConfigError: What is needed for that is missing or malformed.
            HostKeyMismatch: It is not the host that we know.
            HostUnreachable: It does not answer.
        """
        ...


class LocalPlace:
    """This machine; implements `Place`.

    Args:
        host: Its engine is `unix:///path`.
        run_dir: Where the run-time folders of terminals are kept.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        host: EngineHost,
        run_dir: Path,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._door = LocalDoor(run_dir, host.address, clock)
        self._homes = LocalHomes()

    @contextlib.contextmanager
    def connect(self) -> Iterator[Reach]:
        """Reach the engine."""
        with contextlib.closing(ContainerEngine.connect(self._host.engine)) as engine:
            yield Reach(engine, self._door, self._homes)


class FarPlace:
    """An execution host; implements `Place`.

    Args:
        host: Its engine is `ssh://user@host:port`.
        scope: Whose containers they are.
        image: Of the containers.
        key: Our private key.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        host: EngineHost,
        scope: Scope,
        *,
        image: str,
        key: Secret | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._scope = scope
        self._image = image
        self._key = key
        self._clock = clock

    @contextlib.contextmanager
    def connect(self) -> Iterator[Reach]:
        """Sign in, and reach the engine from there."""
        # A machine without execution hosts loads no SSH.
        from .channel import ChannelAdapter  # noqa: PLC0415
        from .far_door import FarDoor  # noqa: PLC0415
        from .far_homes import FarHomes  # noqa: PLC0415
        from .ssh import SshAddress, SshLink, read_key  # noqa: PLC0415

        if self._key is None:
            raise ConfigError(
                "Execution hosts need the config <instance>-ssh-key, a private key."
            )
        address = SshAddress.from_url(self._host.engine)
        link = SshLink.connect(
            address, host_key=self._host.host_key, key=read_key(self._key)
        )
        with contextlib.closing(link):
            adapter = ChannelAdapter(link, self._host.engine_command)
            url = "tcp://engine:2375"
            with contextlib.closing(ContainerEngine.connect(url, adapter)) as engine:
                door = FarDoor(
                    engine,
                    self._scope,
                    image=self._image,
                    address=self._host.address,
                    clock=self._clock,
                )
                yield Reach(engine, door, FarHomes(link))

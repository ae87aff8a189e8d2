"""What a runner wants of a container engine, and what it asks of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from agave_local.engines.errors import EngineDown, EngineRefused, NotThere

__all__ = [
    "Engine",
    "EngineDown",
    "EngineRefused",
    "Mount",
    "NotThere",
    "Order",
    "Output",
    "Usage",
]


@dataclass(frozen=True)
class Mount:
    """A folder or file of the host in a container."""

    source: str
    target: str
    mode: str = "rw"


@dataclass(frozen=True)
class Order:
    """A container to make.

    Attributes:
        image: name of the image, whose own command runs.
        environment: its variables.
        labels: to find it by.
        mounts: of the host.
        memory: bytes, without swap.
        processes: at once.
        cpus: in billionths; None for all.
        file_size: bytes of one file; None for no limit.
        user: `uid:gid`; the image's own where empty.
        network: of the engine; its default where empty.
        hosts: further names of addresses.
        privileged: whether it may do what the host may.
    """

    image: str
    environment: Mapping[str, str] = field(repr=False)
    labels: Mapping[str, str]
    mounts: tuple[Mount, ...] = ()
    memory: int | None = None
    processes: int | None = None
    cpus: int | None = None
    file_size: int | None = None
    user: str = ""
    network: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    privileged: bool = False


@dataclass(frozen=True)
class Usage:
    """What a container took so far: nanoseconds of processor time, bytes moved."""

    cpu: int = 0
    io: int = 0


class Output(Protocol):
    """What a container writes, as it comes."""

    def fileno(self) -> int:
        """Return its descriptor, so that a selector can watch it."""
        ...

    def read(self) -> bytes | None:
        """Read what has come; None at the end."""
        ...

    def close(self) -> None:
        """Read no more."""
        ...


class Engine(Protocol):
    """What a runner wants of an engine; each may raise `EngineDown`."""

    def has(self, image: str) -> bool:
        """Tell whether an image is here."""
        ...

    def pull(self, image: str) -> None:
        """Get an image from its registry.

        Raises:
            EngineRefused: where that cannot be.
        """
        ...

    def create(self, order: Order) -> str:
        """Make a container, and return its id.

        Raises:
            EngineRefused: where that cannot be.
        """
        ...

    def attach(self, container: str) -> Output:
        """Listen to a container before it starts."""
        ...

    def start(self, container: str) -> None:
        """Start a container.

        Raises:
            EngineRefused: where its command cannot be started.
        """
        ...

    def state(self, container: str) -> dict[str, Any]:
        """Return the state of a container, as docker shows it."""
        ...

    def usage(self, container: str) -> Usage | None:
        """Return what a running container took so far; None where nothing is known."""
        ...

    def kill(self, container: str) -> None:
        """End a container by force; nothing where it has ended."""
        ...

    def remove(self, container: str) -> None:
        """Forget a container; nothing where it is gone."""
        ...

    def labelled(self, label: str) -> dict[str, Mapping[str, str]]:
        """Return the labels of all containers that have one `name=value`, by id."""
        ...

    def gateway(self) -> str | None:
        """Return the address of this machine in the engine's default network."""
        ...

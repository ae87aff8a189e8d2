"""What a terminal's container is told, and what it may do.

Everything here is data.  The walls are listed in docs/adr/0019; `Order` has those that
depend on settings, `engine.py` those that no setting can weaken.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from iptweb.settings.terminals import TerminalLimits
from sandbox import make_filter
from sandbox.seccomp import PROCESSORS

if TYPE_CHECKING:
    from iptweb.terminals.host.base import LaunchRequest

HOME: Final = "/home/ipt"
DOOR_FOLDER: Final = "/run/ipt"
DOOR: Final = f"{DOOR_FOLDER}/door.sock"
SHELL: Final = ("/bin/bash", "-l")
LAUNCH_VARIABLE: Final = "IPT_LAUNCH"
REPLAY_BYTES: Final = 1 << 20
LABEL: Final = "ipt.terminal."
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST_SLUG: Final = 64

Role = Literal["terminal", "door"]


@dataclass(frozen=True)
class Account:
    """Who runs in a container; never root."""

    uid: int = 1000
    gid: int = 1000

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"


@dataclass(frozen=True)
class Mount:
    """A folder, a file or a volume of the engine's machine in a container."""

    source: str
    target: str
    kind: Literal["bind", "volume"] = "bind"
    writable: bool = False


@dataclass(frozen=True)
class Order:
    """A container to make.

    Attributes:
        name: Of the container; the engine has each only once.
        image: Its file system.
        command: The module that Python runs, and its arguments.
        labels: To find it by.
        account: Who runs in it.
        network: One of the engine's; `none` for none, `host` for the machine's own.
        limits: What it may use.
        mounts: What it sees of the machine.
        environment: Its variables; nothing secret.
    """

    name: str
    image: str
    command: tuple[str, ...]
    labels: Mapping[str, str]
    account: Account
    network: str
    limits: TerminalLimits
    mounts: tuple[Mount, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """Which containers of an engine are ours.

    Attributes:
        instance: The instance of the site.
        home_root: Its folder of homes: two deployments of one name on one machine,
            such as two checkouts, must not take each other's terminals for their own.
    """

    instance: str
    home_root: str

    @property
    def id(self) -> str:
        """A short name for it."""
        text = f"{self.instance}\0{self.home_root}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def container(self, name: str) -> str:
        """Return the one container name of a terminal."""
        digest = hashlib.sha256(f"{self.id}\0{name}".encode()).hexdigest()[:12]
        return f"ipt-{_UNSAFE.sub('-', name)[:_LONGEST_SLUG]}-{digest}"

    def labels(self, role: Role, name: str, started: float) -> dict[str, str]:
        """Return the labels that each container and volume of ours has."""
        return {
            f"{LABEL}scope": self.id,
            f"{LABEL}instance": self.instance,
            f"{LABEL}role": role,
            f"{LABEL}name": name,
            f"{LABEL}started": repr(started),
        }


def read_started(labels: Mapping[str, str]) -> float:
    """Return when something was made by its labels, 0 where nobody knows."""
    try:
        return float(labels.get(f"{LABEL}started", ""))
    except ValueError:
        return 0.0


def order_terminal(
    request: "LaunchRequest",
    scope: Scope,
    *,
    image: str,
    network: str,
    account: Account,
    limits: TerminalLimits,
    mounts: tuple[Mount, ...],
    url: str,
    door: str,
    started: float,
) -> Order:
    """Return the container of one terminal.

    Args:
        request: What somebody wants.
        scope: Whose containers they are.
        image: Of the container.
        network: That it is in.
        account: Who runs in it.
        limits: What it may use.
        mounts: The home, the door, and what else it sees.
        url: Where its WebSocket will listen.
        door: What the door left behind, empty for nothing.
        started: Now, in seconds since the epoch.
    """
    return Order(
        name=scope.container(request.name),
        image=image,
        command=("webterm", "--launch-variable", LAUNCH_VARIABLE),
        labels={
            **scope.labels("terminal", request.name, started),
            f"{LABEL}user": request.user,
            f"{LABEL}launch": request.launch,
            f"{LABEL}url": url,
            f"{LABEL}door": door,
        },
        account=account,
        network=network,
        limits=limits,
        mounts=mounts,
        environment={
            LAUNCH_VARIABLE: json.dumps(describe_launch(request)),
            # For an account that the image's /etc/passwd does not name.
            "HOME": HOME,
        },
    )


def describe_launch(request: "LaunchRequest") -> dict[str, object]:
    """Return what the terminal server is told; there is no secret in it."""
    return {
        "name": request.name,
        "user": request.user,
        "launch": request.launch,
        "home": HOME,
        "shell": list(SHELL),
        "handover": DOOR,
        "ticket_public_key": request.ticket_public_key,
        "origins": list(request.origins),
        "replay_bytes": REPLAY_BYTES,
        "idle_s": request.idle_s,
        "max_age_s": request.max_age_s,
        "filters": {
            machine: base64.b64encode(make_filter(machine)).decode()
            for machine in PROCESSORS
        },
    }

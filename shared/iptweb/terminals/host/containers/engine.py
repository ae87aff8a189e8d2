"""The typed façade of the Docker SDK: the only module that knows it.

Any engine with Docker's API will do (Docker, podman).
"""

import contextlib
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import docker
import docker.errors
import docker.types
import requests.exceptions
import urllib3.exceptions

from iptweb.errors import HostUnreachable

from .order import LABEL, Mount, Order, read_started

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

# A host that hangs must not keep the others waiting; a busy one has more time later.
KNOCK_SECONDS: Final = 8
ANSWER_SECONDS: Final = 60
GONE_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.02
LOG_LINES: Final = 40
LOG_CHARACTERS: Final = 4000
# How many processes one account may have on the whole machine, all of its terminals
# together.  The wall of each terminal is its own limit of processes.
ACCOUNT_PROCESSES: Final = 32
# Of the image (functions/terminal/image/Dockerfile): apart from the user's own.
PYTHON: Final = "/opt/ipt/bin/python"
_SILENT: Final = "The container engine does not answer. Try again in a few minutes."


class EngineRefused(Exception):
    """The engine answered that it cannot; the message is its own, for the log."""


class NotThere(EngineRefused):
    """There is no such container, volume or image."""


class Taken(EngineRefused):
    """Something has that name already, or is in use."""


@dataclass(frozen=True)
class Container:
    """What an engine knows of a container.

    Attributes:
        id: The engine's own name for it.
        status: `created`, `running`, `exited` and so on.
        labels: Those it was made with.
        out_of_memory: Whether something in it was killed for its memory.
    """

    id: str
    status: str
    labels: Mapping[str, str] = field(default_factory=dict)
    out_of_memory: bool = False

    @property
    def is_running(self) -> bool:
        """Whether its server runs, or is about to end."""
        return self.status in {"running", "paused", "stopping"}

    def label(self, name: str) -> str:
        """Return one of our labels, empty where it has none."""
        return self.labels.get(f"{LABEL}{name}", "")

    @property
    def started(self) -> float:
        """When it was made, in seconds since the epoch; 0 where nobody knows."""
        return read_started(self.labels)


class ContainerEngine:
    """One engine, asked by one connection; close it.

    Every method raises `HostUnreachable` where there is no answer and `EngineRefused`
    where the answer is no.
    """

    def __init__(self, client: docker.APIClient) -> None:
        self._client = client

    @classmethod
    def connect(
        cls, url: str, adapter: "BaseAdapter | None" = None
    ) -> "ContainerEngine":
        """Reach an engine.

        Args:
            url: `unix:///path`, or `tcp://name:port` together with an adapter.
            adapter: What carries the requests, instead of the SDK's own.

        Raises:
            HostUnreachable: There is none that answers.
        """
        with translated():
            knock(url)
            # A fixed version keeps it from asking before the adapter is there.
            patience = ANSWER_SECONDS if adapter is None else KNOCK_SECONDS
            client = docker.APIClient(url, version="1.41", timeout=patience)
        try:
            # Neither proxies nor passwords of whoever runs this.
            client.trust_env = False
            if adapter is not None:
                client.mount("http://", adapter)
            with translated():
                # Not the SDK's question: podman takes half a second to answer that.
                answer = client.get(f"{client.base_url}/_ping", timeout=patience)
                answer.raise_for_status()
                version = answer.headers["Api-Version"]
        except BaseException:
            client.close()
            raise
        # The SDK asks for it only while it is made.
        client._version = str(version)  # type: ignore[attr-defined]  # noqa: SLF001 - see above
        client.timeout = ANSWER_SECONDS
        return cls(client)

    def close(self) -> None:
        """Leave the engine."""
        self._client.close()

    def has_image(self, image: str) -> bool:
        """Return whether an image is on the engine."""
        try:
            with translated():
                self._client.inspect_image(image)  # type: ignore[no-untyped-call]
        except NotThere:
            return False
        return True

    def create(self, order: Order) -> str:
        """Make a container and return its id.

        Raises:
            Taken: There is one of that name.
            NotThere: There is no such image.
        """
        with translated():
            made = self._client.create_container(
                order.image,
                entrypoint=[PYTHON, "-I", "-m"],
                command=list(order.command),
                environment=dict(order.environment),
                labels=dict(order.labels),
                user=str(order.account),
                hostname=None if order.network == "host" else "ipt",
                working_dir="/",
                name=order.name,
                stop_signal="SIGTERM",
                host_config=self._client.create_host_config(**walls(order)),
            )
        return str(made["Id"])

    def start(self, container: str) -> None:
        """Start a container."""
        with translated():
            self._client.start(container)

    def find(self, name: str) -> Container | None:
        """Return the container of a name or an id, or None."""
        try:
            with translated():
                found = self._client.inspect_container(name)
        except NotThere:
            return None
        state = found["State"]
        return Container(
            id=str(found["Id"]),
            status=read_status(state["Status"]),
            labels=(found.get("Config") or {}).get("Labels") or {},
            out_of_memory=bool(state.get("OOMKilled")),
        )

    def labelled(self, label: str) -> list[Container]:
        """Return all containers, living or not, that have a label `name=value`."""
        with translated():
            found = self._client.containers(all=True, filters={"label": [label]})
        return [
            Container(
                str(each["Id"]), read_status(each["State"]), each.get("Labels") or {}
            )
            for each in found
        ]

    def log_tail(self, container: str, *, errors_only: bool = True) -> str:
        """Return the last lines of what a container wrote."""
        with translated():
            text = self._client.logs(
                container, stdout=not errors_only, stderr=True, tail=LOG_LINES
            )
        return bytes(text).decode(errors="replace")[-LOG_CHARACTERS:]

    def stop(self, container: str, seconds: int) -> None:
        """Ask a container to end; kill it where it does not in time."""
        with contextlib.suppress(NotThere), translated():
            self._client.stop(container, timeout=seconds)

    def remove(self, container: str) -> None:
        """Forget a container, killing it where it runs, and wait until it is gone.

        Raises:
            EngineRefused: It is still there after all.
        """
        deadline = time.monotonic() + GONE_SECONDS
        while True:
            try:
                with translated():
                    self._client.remove_container(container, v=True, force=True)
            except NotThere:
                return
            except EngineRefused:
                # It ends by itself just now, or somebody else removes it.
                if time.monotonic() > deadline:
                    raise
            time.sleep(POLL_SECONDS)

    def create_volume(self, name: str, labels: Mapping[str, str], owner: str) -> None:
        """Make a small volume in memory that belongs to an account `uid:gid`."""
        uid, _, gid = owner.partition(":")
        options = f"uid={uid},gid={gid},mode=0700,nosuid,nodev,noexec"
        with translated():
            self._client.create_volume(
                name,
                driver="local",
                driver_opts={"type": "tmpfs", "device": "tmpfs", "o": options},
                labels=dict(labels),
            )

    def volumes(self, label: str) -> dict[str, Mapping[str, str]]:
        """Return the labels of all volumes that have a label `name=value`, by name."""
        with translated():
            found = self._client.volumes(filters={"label": [label]})
        volumes = found.get("Volumes") or []
        return {str(each["Name"]): each.get("Labels") or {} for each in volumes}

    def remove_volume(self, name: str) -> None:
        """Forget a volume; nothing where it is gone or in use."""
        with contextlib.suppress(EngineRefused), translated():
            self._client.remove_volume(name)


def knock(url: str) -> None:
    """Look whether a socket is there; the SDK leaves one of its own open if not.

    Raises:
        OSError: Nobody listens.
    """
    scheme, _, path = url.partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as knocking:
            knocking.settimeout(KNOCK_SECONDS)
            knocking.connect(path)


def walls(order: Order) -> dict[str, Any]:
    """Return what keeps a container apart from everything else."""
    limits = order.limits
    size = f"size={limits.temporary_bytes}"
    return {
        "mounts": [mount_for(mount) for mount in order.mounts],
        "read_only": True,
        # People compile and run what they compile there: no noexec.
        "tmpfs": {
            "/tmp": f"rw,exec,nosuid,nodev,mode=1777,{size}",  # noqa: S108 - in the container
            # Some engines add writable ones by themselves.
            "/run": "ro,nosuid,nodev,noexec,size=64k,mode=0755",
            "/var/tmp": "ro,nosuid,nodev,noexec,size=64k,mode=0755",  # noqa: S108 - there, too
        },
        "shm_size": limits.temporary_bytes,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "privileged": False,
        "network_mode": order.network,
        "ipc_mode": "private",
        "mem_limit": limits.memory_bytes,
        # As much as memory alone: no swap.
        "memswap_limit": limits.memory_bytes,
        "nano_cpus": round(limits.processors * 10**9),
        "pids_limit": limits.processes,
        "ulimits": [
            ulimit("fsize", limits.file_bytes),
            ulimit("nofile", limits.open_files),
            ulimit("nproc", limits.processes * ACCOUNT_PROCESSES),
            ulimit("core", 0),
        ],
        "restart_policy": {"Name": "no"},
        "log_config": docker.types.LogConfig(
            type="json-file", config={"max-size": "256k", "max-file": "1"}
        ),
    }


def mount_for(mount: Mount) -> docker.types.Mount:
    """Return a mount as the SDK wants it."""
    return docker.types.Mount(
        mount.target, mount.source, mount.kind, read_only=not mount.writable
    )


def ulimit(name: str, value: int) -> docker.types.Ulimit:
    """Return a limit of each process that it can't raise."""
    return docker.types.Ulimit(name=name, soft=value, hard=value)


def read_status(status: object) -> str:
    """Return a container's status in Docker's words; podman has one more."""
    return "exited" if status == "stopped" else str(status)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn what the SDK raises into what this module does.

    Raises:
        HostUnreachable: There was no answer.
        EngineRefused: The answer is no.
    """
    try:
        yield
    except FOREIGN as error:
        raise translate(error) from error


def translate(error: Exception) -> Exception:
    """Return what an exception of the SDK, or of what carries it, means."""
    text = str(getattr(error, "explanation", None) or error)
    if isinstance(error, docker.errors.NotFound) or "no such container" in text:
        return NotThere(text)
    if isinstance(error, docker.errors.APIError):
        conflict = error.status_code == CONFLICT or "already in use" in text
        return Taken(text) if conflict else EngineRefused(text)
    if isinstance(error, ODD):
        return EngineRefused(text)
    return HostUnreachable(_SILENT, error=text)


CONFLICT: Final = 409
# No JSON, as for a container that ended meanwhile, or another one than expected.
ODD: Final = (
    *(ValueError, LookupError, TypeError),
    docker.errors.StreamParseError,
    docker.errors.InvalidArgument,
    docker.errors.NullResource,
)
FOREIGN: Final = (
    *ODD,
    docker.errors.DockerException,
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
    EOFError,
)

"""The typed façade of the docker SDK for actors.

Any engine with Docker's API will do (Docker, podman). It must be on this machine:
results and binary messages go through files of both.
"""

import contextlib
import re
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import docker

from agave_local.engines.link import EngineLink, translated
from agave_local.engines.names import is_reference
from agave_local.services.actors.runner.container_engine import (
    EngineRefused,
    NotThere,
    Order,
    Output,
    Usage,
)

if TYPE_CHECKING:
    import socket

_PULL_PATIENCE_S = 1800
_STATE = (
    *("Status", "Running", "Paused", "Restarting", "OOMKilled", "Dead", "Pid"),
    *("ExitCode", "Error", "StartedAt", "FinishedAt"),
)
_FRACTION = re.compile(r"(\.\d{3})\d*Z$")


class DockerEngine(EngineLink):
    """An engine, found again after it was gone.

    Args:
        url: such as `unix:///run/docker.sock`.
    """

    def pull(self, image: str) -> None:
        """Get an image from its registry.

        Raises:
            EngineRefused: where that cannot be.
        """
        if not is_reference(image):
            raise NotThere("this is no image's name")
        last = image.rpartition("/")[2]
        tag = None if {":", "@"} & set(last) else "latest"
        with self.client(_PULL_PATIENCE_S) as client:
            for said in client.pull(image, tag=tag, stream=True, decode=True):
                if "error" in said:
                    raise EngineRefused(str(said["error"]))

    def create(self, order: Order) -> str:
        """Make a container, and return its id.

        Raises:
            EngineRefused: where that cannot be.
        """
        with self.client() as client:
            made = client.create_container(
                order.image,
                environment=[f"{n}={v}" for n, v in order.environment.items()],
                labels=dict(order.labels),
                user=order.user or None,
                host_config=client.create_host_config(**_host_config(order)),
            )
        return str(made["Id"])

    def attach(self, container: str) -> Output:
        """Listen to a container before it starts."""
        client = self.connect()
        try:
            with translated():
                streams = {"stdout": 1, "stderr": 1, "stream": 1}
                connection = client.attach_socket(container, streams)
                return _Attached(client, connection)
        except BaseException:
            client.close()
            raise

    def start(self, container: str) -> None:
        """Start a container.

        Raises:
            EngineRefused: where its command cannot be started.
        """
        with self.client() as client:
            client.start(container)

    def state(self, container: str) -> dict[str, Any]:
        """Return the state of a container, as docker shows it."""
        with self.client() as client:
            state: dict[str, Any] = client.inspect_container(container)["State"]
        shown = {name: state.get(name) for name in _STATE}
        if shown["Status"] == "stopped":
            shown["Status"] = "exited"  # podman, for a moment
        for name in ("StartedAt", "FinishedAt"):
            shown[name] = _FRACTION.sub(r"\1Z", str(shown[name]))
        return shown

    def usage(self, container: str) -> Usage | None:
        """Return what a running container took so far; None where nothing is known."""
        try:
            with self.client() as client:
                return _usage(client.stats(container, stream=False))
        except EngineRefused:
            return None

    def kill(self, container: str) -> None:
        """End a container by force; nothing where it has ended."""
        with contextlib.suppress(EngineRefused), self.client() as client:
            client.kill(container)

    def remove(self, container: str) -> None:
        """Forget a container; nothing where it is gone."""
        with contextlib.suppress(NotThere), self.client() as client:
            client.remove_container(container, v=True, force=True)

    def labelled(self, label: str) -> dict[str, Mapping[str, str]]:
        """Return the labels of all containers that have one `name=value`, by id."""
        with self.client() as client:
            found = client.containers(all=True, filters={"label": [label]})
        return {str(each["Id"]): each.get("Labels") or {} for each in found}

    def gateway(self) -> str | None:
        """Return the address of this machine in the engine's default network."""
        with self.client() as client:
            networks = client.networks()
        for network in networks:
            # podman shows its own under docker's name.
            if network.get("Name") in {"bridge", "podman"}:
                for config in (network.get("IPAM") or {}).get("Config") or ():
                    if config.get("Gateway"):
                        return str(config["Gateway"])
        return None


class _Attached:
    """The attached output of a container: parts with a head of eight bytes each."""

    _HEAD = struct.Struct("!BxxxL")
    _CHUNK = 1 << 16

    def __init__(self, client: docker.APIClient, connection: Any) -> None:
        self._client = client
        self._connection = connection
        # It is a raw file around the socket; a timeout must not end what is silent.
        self._socket: socket.socket = getattr(connection, "_sock", connection)
        self._socket.settimeout(0)
        self._head = b""
        self._left = 0

    def fileno(self) -> int:
        return self._socket.fileno()

    def read(self) -> bytes | None:
        """Read what has come, without the heads; None at the end."""
        try:
            data = self._socket.recv(self._CHUNK)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            return None
        if not data:
            return None
        text = []
        while data:
            if not self._left:
                need = self._HEAD.size - len(self._head)
                self._head += data[:need]
                data = data[need:]
                if len(self._head) == self._HEAD.size:
                    _, self._left = self._HEAD.unpack(self._head)
                    self._head = b""
                continue
            text.append(data[: self._left])
            data = data[self._left :]
            self._left -= len(text[-1])
        return b"".join(text)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.close()
        with contextlib.suppress(OSError):
            self._socket.close()
        self._client.close()


def _host_config(order: Order) -> dict[str, Any]:
    config: dict[str, Any] = {
        "mounts": [
            docker.types.Mount(m.target, m.source, "bind", read_only=m.mode == "ro")
            for m in order.mounts
        ],
        # What it writes is heard as it comes, and kept on no disk.
        "log_config": {"Type": "none"},
        "privileged": order.privileged,
    }
    if order.memory is not None:
        config["mem_limit"] = config["memswap_limit"] = order.memory
    if order.processes is not None:
        config["pids_limit"] = order.processes
    if order.cpus is not None:
        config["nano_cpus"] = order.cpus
    if order.file_size is not None:
        bound = {"Name": "fsize", "Soft": order.file_size, "Hard": order.file_size}
        config["ulimits"] = [bound]
    if order.network:
        config["network_mode"] = order.network
    if order.hosts:
        config["extra_hosts"] = dict(order.hosts)
    return config


def _usage(stats: Mapping[str, Any]) -> Usage:
    cpu = ((stats.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage")
    networks = (stats.get("networks") or {}).values()
    blocks = (stats.get("blkio_stats") or {}).get("io_service_bytes_recursive") or ()
    moved = sum(n.get("rx_bytes", 0) + n.get("tx_bytes", 0) for n in networks)
    moved += sum(
        block.get("value", 0)
        for block in blocks
        if str(block.get("op")).lower() in {"read", "write"}
    )
    return Usage(int(cpu or 0), int(moved))

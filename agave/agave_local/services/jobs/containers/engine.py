"""What jobs ask of a container engine; the walls that no setting changes."""

import contextlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import docker

from agave_local.engines.errors import EngineRefused, NotThere
from agave_local.engines.link import EngineLink
from agave_local.services.jobs.confinement import HOME
from agave_local.services.jobs.containers.box import Box

_ANSWER_SECONDS: Final = 30
_GONE_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.02
_ANY_VERSION: Final = "1.41"
_OPEN_FILES: Final = 1024
_LOG_LINES: Final = 4
_KILLS: Final = re.compile(rb"^oom_kill (\d{1,9})$", re.MULTILINE)
# The limit of an account counts all its processes on the machine, those of other jobs
# too; the wall of a job is its container's own limit.
_JOBS_OF_ACCOUNT: Final = 8
_EMPTY: Final = "ro,nosuid,nodev,noexec,size=64k,mode=0755"
_LIVING: Final = frozenset({"running", "paused", "stopping", "restarting"})
_NOT_STARTED: Final = frozenset({"created", "configured", "initialized"})


@dataclass(frozen=True)
class Seen:
    """What an engine says of a container.

    Attributes:
        id: the engine's name for it.
        status: `created`, `running`, `exited` and so on.
        labels: that it was made with.
        pid: of its process 1 on the engine's machine, 0 for none.
        code: exit status of its process 1.
        out_of_memory: whether something in it was ended for want of memory.
        seconds: that it has run for, to its end or to now.
    """

    id: str
    status: str
    labels: Mapping[str, str] = field(default_factory=dict)
    pid: int = 0
    code: int = 0
    out_of_memory: bool = False
    seconds: float = 0.0

    @property
    def is_running(self) -> bool:
        """Whether it runs, or is about to end."""
        return self.status in _LIVING

    @property
    def is_new(self) -> bool:
        """Whether it was never started."""
        return self.status in _NOT_STARTED


class Boxes(Protocol):
    """An engine for jobs; each may raise `EngineDown` and `EngineRefused`.

    Attributes:
        url: where it is.
    """

    url: str

    def has(self, image: str) -> bool:
        """Tell whether an image is here."""
        ...

    def is_rootless(self) -> bool:
        """Tell whether the engine runs without root rights, and so maps accounts."""
        ...

    def create(self, box: Box) -> str:
        """Make a container, and return its id.

        Raises:
            Taken: there is one of that name.
        """
        ...

    def start(self, container: str) -> None:
        """Start a container; nothing where it runs already."""
        ...

    def find(self, name: str) -> Seen | None:
        """Return the container of a name or an id; None where there is none."""
        ...

    def labelled(self, label: str) -> list[Seen]:
        """Return all containers with a label, as far as a listing tells of them."""
        ...

    def memory_kills(self, container: str) -> int:
        """Return how often something was ended in a container for want of memory."""
        ...

    def signal(self, container: str, name: str) -> None:
        """Send process 1 of a container a signal; nothing where it has ended."""
        ...

    def remove(self, container: str) -> None:
        """Forget a container, ending it where it runs, and wait until it is gone."""
        ...


class JobEngine(EngineLink):
    """An engine with Docker's API; implements `Boxes`.

    Args:
        url: such as `unix:///run/docker.sock`.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url, _ANSWER_SECONDS)

    def ask_version(self) -> str:
        """Return the version of the API that the engine speaks."""
        # Not the SDK's question: podman takes a second and more to answer that.
        client = docker.APIClient(self.url, _ANY_VERSION, _ANSWER_SECONDS)
        with contextlib.closing(client):
            answer = client.get(f"{client.base_url}/_ping", timeout=_ANSWER_SECONDS)
            answer.raise_for_status()
            return str(answer.headers["Api-Version"])

    def is_rootless(self) -> bool:
        """Tell whether the engine runs without root rights, and so maps accounts."""
        return self.owner() not in {None, 0}

    def create(self, box: Box) -> str:
        """Make a container, and return its id."""
        with self.client() as client:
            made = client.create_container(
                box.image,
                entrypoint=list(box.command[:1]),
                command=list(box.command[1:]),
                environment=dict(box.environment),
                labels=dict(box.labels),
                user=str(box.account),
                hostname="ipt",
                working_dir=str(HOME),
                name=box.name,
                stop_signal="SIGTERM",
                host_config=client.create_host_config(**walls(box)),
            )
        return str(made["Id"])

    def start(self, container: str) -> None:
        """Start a container; nothing where it runs already."""
        with self.client() as client:
            client.start(container)

    def find(self, name: str) -> Seen | None:
        """Return the container of a name or an id; None where there is none."""
        try:
            with self.client() as client:
                return _seen(client.inspect_container(name))
        except NotThere:
            return None

    def labelled(self, label: str) -> list[Seen]:
        """Return all containers with a label, as far as a listing tells of them."""
        with self.client() as client:
            found = client.containers(all=True, filters={"label": [label]})
        return [
            Seen(str(each["Id"]), _status(each["State"]), each.get("Labels") or {})
            for each in found
        ]

    def memory_kills(self, container: str) -> int:
        """Return how often something was ended in a container for want of memory."""
        with self.client() as client:
            said = client.logs(container, stdout=True, stderr=False, tail=_LOG_LINES)
        return sum(int(found[1]) for found in _KILLS.finditer(bytes(said)))

    def signal(self, container: str, name: str) -> None:
        """Send process 1 of a container a signal; nothing where it has ended."""
        with contextlib.suppress(EngineRefused), self.client() as client:
            client.kill(container, name)

    def remove(self, container: str) -> None:
        """Forget a container, ending it where it runs, and wait until it is gone."""
        deadline = time.monotonic() + _GONE_SECONDS
        while True:
            # Asked to, podman would wait for it to end first.
            self.signal(container, "SIGKILL")
            try:
                with self.client() as client:
                    client.remove_container(container, v=True, force=True)
            except NotThere:
                return
            except EngineRefused:
                # It ends just now, or is removed already.
                if time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE_SECONDS)


def walls(box: Box) -> dict[str, Any]:
    """Return what keeps a container apart from everything else, and in its limits."""
    return {
        "mounts": [
            docker.types.Mount(
                each.target, each.source, "bind", read_only=not each.writable
            )
            for each in box.shares
        ],
        "read_only": True,
        # Programs compile, and run what they compile: no noexec.
        "tmpfs": {
            "/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={box.temporary_bytes}",  # noqa: S108 - in the container
            # Some engines add writable ones by themselves.
            "/run": _EMPTY,
            "/var/tmp": _EMPTY,  # noqa: S108 - there, too
        },
        "shm_size": box.temporary_bytes,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "privileged": False,
        "network_mode": "none",
        "ipc_mode": "private",
        "mem_limit": box.memory_bytes,
        # As much as memory alone: no swap.
        "memswap_limit": box.memory_bytes,
        "nano_cpus": box.processors * 10**9,
        "pids_limit": box.processes,
        "ulimits": [
            _ulimit("fsize", box.file_bytes),
            _ulimit("nofile", _OPEN_FILES),
            _ulimit("nproc", box.processes * _JOBS_OF_ACCOUNT),
            _ulimit("core", 0),
        ],
        "restart_policy": {"Name": "no"},
        # What the program writes goes to its files; this is of process 1 alone.
        "log_config": docker.types.LogConfig(
            type="json-file", config={"max-size": "64k", "max-file": "1"}
        ),
    }


def _ulimit(name: str, value: int) -> docker.types.Ulimit:
    return docker.types.Ulimit(name=name, soft=value, hard=value)


def _seen(found: Mapping[str, Any]) -> Seen:
    state = found["State"]
    status = _status(state["Status"])
    started = _read_time(state.get("StartedAt"))
    ended = time.time() if status in _LIVING else _read_time(state.get("FinishedAt"))
    return Seen(
        id=str(found["Id"]),
        status=status,
        labels=(found.get("Config") or {}).get("Labels") or {},
        pid=int(state.get("Pid") or 0),
        code=int(state.get("ExitCode") or 0),
        out_of_memory=bool(state.get("OOMKilled")),
        seconds=max(ended - started, 0.0) if started > 0 else 0.0,
    )


def _status(status: object) -> str:
    """Return a container's status in Docker's words; podman has one more."""
    return "exited" if status == "stopped" else str(status)


def _read_time(text: object) -> float:
    """Return a time in seconds since the epoch; 0 where there is none."""
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except (ValueError, OverflowError):
        return 0.0

"""Runs each execution in a new container of a Docker-API engine on this machine.

A thread follows each container; a few others look for images and clean up. What a
tenant that was killed left behind carries its label, and is removed at the next start.
"""

import contextlib
import hashlib
import logging
import queue
import secrets
import shutil
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from agave_local.services.actors.runner.base import (
    KILLED,
    STOPPED,
    Ending,
    Listener,
    Task,
)
from agave_local.services.actors.runner.container import (
    START_FAILED,
    CannotStart,
    ContainerRun,
)
from agave_local.services.actors.runner.container_engine import (
    Engine,
    EngineDown,
    EngineRefused,
    Mount,
    Order,
)
from agave_local.services.actors.runner.docker_images import (
    ENGINE_DOWN,
    DockerImages,
)
from agave_local.services.actors.runner.limits import Limits

TENANT_LABEL = "agave-local.tenant"
BOOT_LABEL = "agave-local.boot"
EXECUTION_LABEL = "agave-local.execution"
# Docker's own name for it, which podman does not know everywhere.
HOST_NAME = "host.docker.internal"
_ENGINE_SOCKET = "/var/run/docker.sock"
_MOST_CONTAINERS = 64
_LOOKERS = 3
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0
_ENGINE_PATIENCE_S = 30.0
_SOCKET_PATH_LIMIT = 90  # of 108, less the file's own name

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Containers:
    """What an operator chooses for containers.

    Attributes:
        url: of the engine.
        network: that containers are in; the engine's default where empty.
        api_server: address under which they reach the tenant; its own where empty.
        user: `uid:gid` that they run as; their image's where empty.
        pulls: whether images that are not here are got from their registries.
        mounts: folders of this machine that all of them see.
    """

    url: str
    network: str = ""
    api_server: str = ""
    user: str = ""
    pulls: bool = True
    mounts: tuple[Mount, ...] = ()


class DockerRunner:
    """The `docker` runner.

    Args:
        engine: that runs the containers.
        containers: what they are like.
        folder: for the sockets of executions; emptied at start.
        limits: of every execution.
        patience: seconds for which a silent engine is waited for.
    """

    def __init__(
        self,
        engine: Engine,
        containers: Containers,
        folder: Path,
        *,
        limits: Limits | None = None,
        patience: float = _ENGINE_PATIENCE_S,
    ) -> None:
        self._engine = engine
        self._containers = containers
        self._folder = folder
        self._limits = (limits or Limits()).for_containers()
        self._patience = patience
        # A data folder belongs to one tenant at a time.
        self._name = hashlib.sha256(bytes(folder.absolute())).hexdigest()[:32]
        self._boot = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._running: dict[str, ContainerRun] = {}
        self._images = DockerImages(engine, pulls=containers.pulls)
        self._gateway = ""
        self._left: set[str] = set()
        self._swept = False
        self._wanted: dict[str, bool] = {}
        self._looks: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._pool: ThreadPoolExecutor | None = None
        self._stopped = threading.Event()

    def start(self, listener: Listener) -> None:
        """Begin to work."""
        self._listener = listener
        shutil.rmtree(self._folder, ignore_errors=True)
        self._place = self._folder
        if len(bytes(self._folder)) > _SOCKET_PATH_LIMIT:
            self._place = Path(tempfile.mkdtemp(prefix="actors-"))
        self._place.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._stopped.clear()
        self._wanted.clear()
        self._boot, self._swept = secrets.token_hex(8), False
        self._looks = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(_MOST_CONTAINERS, "actors-container")
        for number in range(_LOOKERS):
            # A pull may take long, and nothing is lost where it is not waited for.
            looker = threading.Thread(
                target=self._work,
                args=[self._looks],
                name=f"actors-images-{number}",
                daemon=True,
            )
            looker.start()
        self._looks.put("")

    def stop(self) -> None:
        """End everything that runs, telling the listener of each."""
        if self._pool is None:
            return
        self._stopped.set()
        for _ in range(_LOOKERS):
            self._looks.put(None)
        for run in list(self._running.values()):
            run.end(STOPPED)
        self._pool.shutdown()
        self._pool = None
        shutil.rmtree(self._place, ignore_errors=True)

    def prepare(self, image: str, *, renew: bool = False) -> None:
        """Look for an image, here or at its registry, and tell the listener."""
        with self._lock:
            is_waiting = image in self._wanted
            self._wanted[image] = self._wanted.get(image, False) or renew
        if not is_waiting:
            self._looks.put(image)

    def run(self, task: Task) -> None:
        """Start an execution; its end is told to the listener, whatever happens."""
        run = ContainerRun(
            self._engine,
            task,
            lambda: self._order(task),
            self._place,
            run_time=self._limits.run_time,
            on_frame=self._listener.on_frame,
            patience=self._patience,
        )
        with self._lock:
            self._running[task.execution_id] = run
        if self._pool is None or self._stopped.is_set():
            self._finish(task, run, Ending(KILLED, error=STOPPED))
        else:
            self._pool.submit(self._execute, task, run)

    def kill(self, execution_id: str) -> None:
        """End an execution by force, if it runs."""
        run = self._running.get(execution_id)
        if run is not None:
            run.end()

    def log(self, execution_id: str) -> str:
        """Return what a running execution wrote so far."""
        run = self._running.get(execution_id)
        return "" if run is None else run.log()

    def _order(self, task: Task) -> Order:
        """Return what a container is like, but for the files of its execution.

        Raises:
            EngineDown: where there is no engine.
        """
        chosen = self._containers
        environment = dict(task.environment)
        if chosen.api_server:
            environment["_abaco_api_server"] = chosen.api_server
        mounts = chosen.mounts
        scheme, _, path = chosen.url.partition("://")
        if task.privileged and scheme == "unix":
            mounts += (Mount(f"/{path.lstrip('/')}", _ENGINE_SOCKET),)
        return Order(
            task.image,
            environment,
            labels={
                TENANT_LABEL: self._name,
                BOOT_LABEL: self._boot,
                EXECUTION_LABEL: task.execution_id,
            },
            mounts=mounts,
            memory=self._limits.memory_for(task.memory),
            processes=self._limits.processes,
            cpus=task.cpus,
            file_size=self._limits.file_size,
            user="" if task.as_image_user else chosen.user,
            network=chosen.network,
            hosts=self._hosts(),
            privileged=task.privileged,
        )

    def _hosts(self) -> dict[str, str]:
        """Return the name under which a container knows this machine.

        Raises:
            EngineDown: where there is no engine.
        """
        if self._containers.network:
            return {}
        if not self._gateway:
            with contextlib.suppress(EngineRefused):
                self._gateway = self._engine.gateway() or ""
        return {HOST_NAME: self._gateway} if self._gateway else {}

    def _execute(self, task: Task, run: ContainerRun) -> None:
        try:
            ending = self._run_patiently(task, run)
        except EngineDown:
            reason = STOPPED if self._stopped.is_set() else ENGINE_DOWN
            ending = Ending(KILLED, error=reason)
        except CannotStart as error:
            ending = Ending(KILLED, error=str(error))
            if self._images.is_gone(task.image):
                self.prepare(task.image)
        except Exception:  # noqa: BLE001 - logged; its caller must hear of its end
            _log.exception("execution %s failed", task.execution_id)
            ending = Ending(KILLED, error=f"{START_FAILED}the tenant failed.")
        self._finish(task, run, ending)

    def _run_patiently(self, task: Task, run: ContainerRun) -> Ending:
        """Run it as soon as there is an engine.

        Raises:
            EngineDown: where there is none for too long.
            CannotStart: where the engine refuses.
        """
        give_up = time.monotonic() + self._patience
        pause, told = _FIRST_PAUSE_S, False
        while True:
            try:
                ending = run.run()
            except EngineDown as error:
                self._left.add(run.container)
                run.container = ""
                if not told:
                    _log.warning("the container engine: %s", error)
                    self._listener.on_prepared(task.image, ENGINE_DOWN)
                    told = True
                if time.monotonic() >= give_up or self._stopped.wait(pause):
                    raise
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                if told:
                    self.prepare(task.image)
                return ending

    def _finish(self, task: Task, run: ContainerRun, ending: Ending) -> None:
        if run.container:
            try:
                self._engine.remove(run.container)
            except (EngineDown, EngineRefused) as error:
                _log.warning("a container could not be removed: %s", error)
                self._left.add(run.container)
        with self._lock:
            self._running.pop(task.execution_id, None)
        run.close()
        self._listener.on_end(task.execution_id, ending)

    def _work(self, looks: "queue.SimpleQueue[str | None]") -> None:
        while (image := looks.get()) is not None:
            try:
                self._sweep()
            except (EngineDown, EngineRefused) as error:
                _log.warning("the container engine: %s", error)
            if image and not self._stopped.is_set():
                with self._lock:
                    renew = self._wanted.pop(image, False)
                reason = self._images.why_not(image, renew=renew)
                if not self._stopped.is_set():
                    self._listener.on_prepared(image, reason)

    def _sweep(self) -> None:
        """Remove what a killed tenant, or an engine that was away, left behind.

        Raises:
            EngineDown: where that cannot be done now.
            EngineRefused: where the engine does not understand.
        """
        if not self._swept:
            found = self._engine.labelled(f"{TENANT_LABEL}={self._name}")
            for container, labels in found.items():
                if labels.get(BOOT_LABEL) != self._boot:
                    self._engine.remove(container)
            self._swept = True
        for container in self._left - {""}:
            self._engine.remove(container)
            self._left.discard(container)

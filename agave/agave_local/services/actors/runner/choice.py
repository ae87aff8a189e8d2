"""Chooses what runs an image: a program of the table, or a container."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from agave_local.services.actors.runner.base import (
    KILLED,
    UNKNOWN_IMAGE,
    Ending,
    Listener,
    Runner,
    Task,
)
from agave_local.services.actors.runner.container_engine import Mount
from agave_local.services.actors.runner.docker import Containers, DockerRunner
from agave_local.services.actors.runner.images import Images
from agave_local.services.actors.runner.process import ProcessRunner

if TYPE_CHECKING:
    from agave_local.settings import TenantSettings

_log = logging.getLogger(__name__)


def make_runner(settings: "TenantSettings", now: Callable[[], float]) -> Runner:
    """Return what runs the actors of a tenant, but for inline ones.

    Args:
        settings: the operator's choices.
        now: tells the time of day.
    """
    run = settings.data / "run"
    programs = ProcessRunner(
        settings.images,
        run / "f",
        settings.base_url,
        limits=settings.execution_limits,
        now=now,
    )
    if not settings.docker:
        return ChosenRunner(settings.images, programs, None)
    # Only who has an engine pays for its SDK.
    from agave_local.services.actors.runner.docker_api import DockerEngine  # noqa: PLC0415 - as said

    containers = Containers(
        settings.docker,
        network=settings.docker_network,
        api_server=settings.docker_api_server,
        user=settings.docker_user,
        pulls=settings.docker_pulls,
        mounts=tuple(
            Mount(each["host_path"], each["container_path"], each.get("mode", "rw"))
            for each in settings.mounts
        ),
    )
    if not (settings.docker_network or settings.docker_api_server):
        _log.warning(
            "containers may not reach the tenant at %s; if their actors call it back, "
            "see --docker-network and --docker-api-server",
            settings.base_url,
        )
    engine = DockerEngine(settings.docker)
    runner = DockerRunner(
        engine, containers, run / "c", limits=settings.execution_limits
    )
    return ChosenRunner(settings.images, programs, runner)


class ChosenRunner:
    """Two runners as one: the table of images comes first.

    Args:
        images: the table.
        programs: runs what is in it.
        containers: runs everything else; None where there is no engine.
    """

    def __init__(
        self, images: Images, programs: Runner, containers: Runner | None
    ) -> None:
        self._images = images
        self._programs = programs
        self._containers = containers

    def start(self, listener: Listener) -> None:
        """Begin to work."""
        self._listener = listener
        for runner in self._runners():
            runner.start(listener)

    def stop(self) -> None:
        """End everything that runs, telling the listener of each."""
        for runner in self._runners():
            runner.stop()

    def prepare(self, image: str, *, renew: bool = False) -> None:
        """Make an image ready to run, and tell the listener."""
        runner = self._runner(image)
        if runner is not None:
            runner.prepare(image, renew=renew)
            return
        _log.warning(
            "nothing runs image %r: name its program in the table of images "
            "(--images), or start the tenant with a container engine (--docker)",
            image,
        )
        self._listener.on_prepared(image, UNKNOWN_IMAGE.format(image))

    def run(self, task: Task) -> None:
        """Start an execution; its end is told to the listener, whatever happens."""
        runner = self._runner(task.image)
        if runner is not None:
            runner.run(task)
            return
        ending = Ending(KILLED, error=UNKNOWN_IMAGE.format(task.image))
        self._listener.on_end(task.execution_id, ending)

    def kill(self, execution_id: str) -> None:
        """End an execution by force, if it runs."""
        for runner in self._runners():
            runner.kill(execution_id)

    def log(self, execution_id: str) -> str:
        """Return what a running execution wrote so far."""
        return "".join(runner.log(execution_id) for runner in self._runners())

    def _runner(self, image: str) -> Runner | None:
        return self._programs if image in self._images else self._containers

    def _runners(self) -> list[Runner]:
        return [r for r in (self._programs, self._containers) if r is not None]

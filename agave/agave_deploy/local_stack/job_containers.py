"""Ends the jobs in containers that a tenant leaves behind when it did not end in order.

Each job's folder holds a file `control/container.json` that says which container of
which engine is the job's (`id`, `engine`).
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agave_deploy.errors import DeployError
from agave_deploy.images.engine import connect

if TYPE_CHECKING:
    from docker.models.containers import Container

__all__ = ["stop_job_containers"]

_LABEL: Final = "agave-local.job"
_EXIT: Final = "exit.json"
_KILLED: Final = 137


def stop_job_containers(folder: Path, say: Callable[[str], None]) -> list[str]:
    """End every job in a container below a folder; return the ids of those that ran.

    Args:
        folder: of all jobs.
        say: takes a line for the person, where an engine does not answer.
    """
    found: dict[str, dict[str, Path]] = {}
    for file in folder.glob("*/control/container.json"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(file.read_text("utf-8"))
            found.setdefault(str(kept["engine"]), {})[str(kept["id"])] = file.parent
    lived = []
    for engine, controls in found.items():
        try:
            lived += _end_all(engine, controls)
        except DeployError as error:
            if any(not (control / _EXIT).exists() for control in controls.values()):
                say(f"jobs in containers may live on: {error}")
    return sorted(lived)


def _end_all(engine: str, controls: Mapping[str, Path]) -> list[str]:
    lived = []
    with connect(engine) as client:
        for container in client.containers.list(
            all=True, filters={"label": _LABEL}, sparse=True
        ):
            control = controls.get(str(container.id))
            if control is None:
                continue
            ended = {"reason": "ended", "code": _KILLED}
            if container.status == "running":
                lived.append(control.parent.name)
            else:
                container.reload()
                ended = {
                    "reason": "exited",
                    "code": container.attrs["State"]["ExitCode"],
                }
            _remove(container)
            if not (control / _EXIT).exists():
                # The next tenant reads there how the job ended.
                (control / _EXIT).write_text(json.dumps(ended), "utf-8")
    return lived


def _remove(container: "Container") -> None:
    from docker.errors import APIError, NotFound  # noqa: PLC0415 - see engine.py

    with suppress(APIError):
        # Asked to remove it, podman would wait for its end first.
        container.kill()
    with suppress(NotFound):
        container.remove(force=True, v=True)

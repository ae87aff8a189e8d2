"""Jobs on a real Slurm, behind a real SSH server, seen over HTTP by their owner."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from agave_local.services.jobs.scenes import (
    FORK_SSH,
    SLURM_HERE,
    SLURM_SSH,
    Scene,
    over_ssh,
    scenes,
)
from agave_local.services.jobs.schedulers.testing import SlurmCluster
from sshlink.testing import SshServer, run_ssh_server

_HERE = {"login": {"host": "localhost", "protocol": "LOCAL"}}
# Small enough to be filled in a moment.
JOB_MIB = 4
Enter = Callable[..., Scene]


@pytest.fixture(scope="package", name="door")
def _door(
    slurm: SlurmCluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SshServer]:
    """Run the SSH server of the cluster, for the tests that leave it as it is."""
    with run_ssh_server(tmp_path_factory.mktemp("door"), slurm.env) as server:
        yield server


@pytest.fixture(scope="package", name="with_slurm")
def _with_slurm(slurm: SlurmCluster) -> Iterator[None]:
    """Let this process, and so its tenants, know of the cluster."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(slurm.conf))
        yield


@pytest.fixture(scope="package", name="scenes")
def _scenes(
    door: SshServer,
    slurm: SlurmCluster,
    with_slurm: None,  # noqa: ARG001 - that the tenant knows of it
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Scene]]:
    """Yield a scene for each way, of one tenant that no test breaks."""
    folder = tmp_path_factory.mktemp("scenes")
    ways: dict[str, dict[str, Any]] = {
        SLURM_SSH: {"scheduler": "SLURM", **over_ssh(door)},
        SLURM_HERE: {"scheduler": "SLURM", **_HERE},
        FORK_SSH: {"scheduler": "FORK", **over_ssh(door)},
    }
    for way, system in ways.items():
        system["workDir"] = str(folder / way)
    with scenes(folder / "data", ways, job_mib=JOB_MIB) as found:
        yield found
        slurm.clear()


@pytest.fixture(name="scene")
def _scene(scenes: dict[str, Scene], way: str) -> Scene:
    return scenes[way]


@pytest.fixture(name="enter")
def _enter(tmp_path: Path) -> Iterator[Enter]:
    """Yield what makes a tenant of one system for a test that breaks things."""
    with ExitStack() as stack:

        def enter(name: str, system: dict[str, Any], **settings: Any) -> Scene:
            system = {"workDir": str(tmp_path / "cluster"), **system}
            made = scenes(tmp_path / "data", {name: system}, **settings)
            return stack.enter_context(made)[name]

        yield enter

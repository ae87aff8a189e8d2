"""The systems that the checkout ships: those of today, and templates of the past."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.systems.documents import add_systems, to_apps, to_systems
from agave_deploy.systems.local import REGISTRY
from agave_deploy.systems.model import Queue, SystemEntry
from agave_deploy.systems.reading import read_systems, to_system

ROOT = Path(__file__).parents[4]
HOST = {
    "stampede": "stampede2.tacc.utexas.edu",
    "ls5": "ls5.tacc.utexas.edu",
    "comet": "comet.sdsc.edu",
}
# Nodes and all their processors, most jobs, those of one user, longest run, memory.
QUEUES = {
    "stampede": {
        "normal": (256, 17408, 50, 10, "48:00:00", "96GB"),
        "development": (8, 544, 1, 1, "02:00:00", "96GB"),
        "flat-quadrant": (32, 2176, 4, 1, "48:00:00", "96GB"),
        "skx-dev": (4, 192, 1, 1, "02:00:00", "192GB"),
        "skx-normal": (128, 6144, 25, 10, "48:00:00", "192GB"),
    },
    "ls5": {
        "normal": (171, 4104, 50, 10, "48:00:00", "64GB"),
        "development": (11, 264, 1, 1, "02:00:00", "64GB"),
        "gpu": (4, 40, 4, 2, "24:00:00", "64GB"),
        "vis": (4, 40, 4, 2, "08:00:00", "64GB"),
    },
    "comet": {
        "gpu-shared": (1, 6, 32, 1, "00:10:00", "40GB"),
        "gpu": (8, 48, 8, 1, "00:10:00", "40GB"),
        "debug": (2, 12, 8, 1, "00:10:00", "40GB"),
        "compute": (72, 1728, 144, 1, "00:10:00", "40GB"),
    },
}


@pytest.fixture(name="shipped", scope="module")
def _shipped() -> dict[str, SystemEntry]:
    return {entry.name: entry for entry in read_systems([ROOT / REGISTRY], {})}


def _facts(queue: dict[str, Any]) -> tuple[Any, ...]:
    return (
        queue["maxNodes"],
        queue["maxNodes"] * queue["maxProcessorsPerNode"],
        queue["maxJobs"],
        queue["maxUserJobs"],
        queue["maxRequestedTime"],
        queue["maxMemoryPerNode"],
    )


def test_names(shipped: dict[str, SystemEntry]) -> None:
    """Two systems are for use, three are templates that are never deployed."""
    manifest = add_systems(read_manifest(ROOT), shipped.values())
    past = {name for name, entry in shipped.items() if entry.historical}

    assert list(shipped) == ["comet", "local", "local-slurm", "ls5", "stampede"]
    assert past == set(HOST)
    assert [entry["name"] for entry in manifest.registry] == ["local", "local-slurm"]


def test_local_slurm(shipped: dict[str, SystemEntry]) -> None:
    """The local Slurm is this machine, with the compilers and presets of `local`."""
    local, slurm = shipped["local"], shipped["local-slurm"]

    assert (slurm.build_scheduler, slurm.scheduler) == ("FORK", "SLURM")
    assert slurm.login.protocol == "LOCAL"
    assert slurm.compilers == local.compilers
    assert {preset.name for preset in slurm.presets} == {
        *("serial", "openmp", "mpi", "hybrid", "cuda")
    }


@pytest.mark.parametrize("name", HOST)
def test_template(name: str, shipped: dict[str, SystemEntry]) -> None:
    """A template leads to the ids, hosts, accounts and queues of its time."""
    entry = shipped[name]
    build, run = (system.document for system in to_systems(entry))

    assert (build["id"], run["id"]) == (f"ipt.build.{name}", f"ipt.run.{name}")
    assert (build["scheduler"], run["scheduler"]) == ("FORK", "SLURM")
    assert (build["executionType"], run["executionType"]) == ("CLI", "HPC")
    assert [queue["name"] for queue in build["queues"]] == ["default"]
    for document in (build, run):
        assert document["login"]["host"] == HOST[name]
        assert (document["login"]["protocol"], document["login"]["port"]) == ("SSH", 22)
        assert document["storage"]["protocol"] == "SFTP"
        assert document["storage"]["rootDir"] == "/"
        assert document["maxSystemJobs"] == 50
        assert document["maxSystemJobsPerUser"] == 4
    assert entry.login.user == "ipt_icat"
    assert {q["name"]: _facts(q) for q in run["queues"]} == QUEUES[name]


@pytest.mark.parametrize("name", HOST)
def test_template_apps(name: str, shipped: dict[str, SystemEntry]) -> None:
    """Its apps have the ids that people knew, on the system of their kind."""
    build, run, *_ = to_apps(shipped[name], read_manifest(ROOT).templates)

    assert (build.id, run.id) == (f"ipt-build-{name}-0.1.0", f"ipt-run-{name}-0.1.0")
    assert build.document["executionSystem"] == f"ipt.build.{name}"
    assert run.document["executionSystem"] == f"ipt.run.{name}"
    assert (build.document["parallelism"], run.document["parallelism"]) == (
        "SERIAL",
        "PARALLEL",
    )


@pytest.mark.parametrize(
    ("name", "work", "scratch"),
    [
        ("stampede", "/home1/04868/ipt_icat/stampede2/", "/scratch/04868/ipt_icat"),
        ("ls5", "/home1/04868/ipt_icat/ls5/", "/scratch/04868/ipt_icat"),
        ("comet", "", "/oasis/scratch/comet/ipt_icat/temp_project"),
    ],
)
def test_template_folders(
    name: str, work: str, scratch: str, shipped: dict[str, SystemEntry]
) -> None:
    """Jobs were in the folders of the one account that all users shared."""
    document = to_systems(shipped[name])[1].document

    assert (document["workDir"], document["scratchDir"]) == (work, scratch)


def test_template_directives(shipped: dict[str, SystemEntry]) -> None:
    """Comet's queues with GPUs asked its scheduler for them."""
    queues = to_systems(shipped["comet"])[1].document["queues"]

    assert {q["name"]: q.get("customDirectives") for q in queues} == {
        "gpu-shared": "--gres=gpu:k80:4",
        "gpu": "--gres=gpu:k80:4",
        "debug": None,
        "compute": None,
    }


@pytest.mark.parametrize("name", HOST)
@pytest.mark.parametrize("kind", ["BUILD", "RUN"])
def test_overridden_as_before(name: str, kind: str) -> None:
    """The environment's variables of old name another app."""
    environment = {f"{name.upper()}_{kind}_APP_VERSION": f"ipt-{kind.lower()}-x-9.9.9"}

    entries = read_systems([ROOT / REGISTRY], environment)

    (entry,) = (each for each in entries if each.name == name)
    app = entry.apps.build if kind == "BUILD" else entry.apps.run
    assert app == f"ipt-{kind.lower()}-x-9.9.9"


def test_guide() -> None:
    """The file that the guide for operators shows is right, and its words are ours."""
    text = (ROOT / "docs/your-own-cluster.md").read_text("utf-8")
    (example,) = (
        block
        for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
        if block.startswith("name:")
    )

    entry = to_system(yaml.safe_load(example), "cluster.yaml", {})

    fields = {each.name for each in dataclasses.fields(SystemEntry)} - {"apps"}
    queue = {each.name for each in dataclasses.fields(Queue)} - {"default"}
    assert entry.name == "cluster"
    assert [name for name in (*fields, *queue) if f"`{name}`" not in text] == []

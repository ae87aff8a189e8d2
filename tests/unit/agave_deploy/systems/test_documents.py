"""What is made of one file: two systems, four apps, one setting."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.bundle.manifest import read_manifest
from agave_deploy.bundle.models import Manifest
from agave_deploy.errors import ManifestError
from agave_deploy.systems.documents import (
    add_systems,
    to_apps,
    to_setting,
    to_systems,
)
from agave_deploy.systems.model import SystemEntry
from agave_deploy.systems.reading import to_system
from agave_local.services.apps.description import read_description as read_app
from agave_local.services.systems.description import read_description
from iptweb.jobs import Registry


def _entry(fields: dict[str, Any]) -> SystemEntry:
    return to_system(fields, "x.yaml", {}, processors=8)


def _documents(fields: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(system.document) for system in to_systems(_entry(fields))]


def test_systems_here(near: dict[str, Any]) -> None:
    """A machine of the tenant's own needs no sign-in, and both systems are alike."""
    build, run = _documents(near)

    assert (build.pop("id"), run.pop("id")) == ("ipt.build.near", "ipt.run.near")
    assert build == run
    assert run["login"] == {
        "host": "localhost",
        "port": 0,
        "protocol": "LOCAL",
        "auth": {"type": "LOCAL"},
    }
    assert run["storage"] == {**run["login"], "rootDir": "/", "homeDir": "/"}
    assert (run["executionType"], run["scheduler"]) == ("CLI", "FORK")
    assert (run["maxSystemJobs"], run["maxSystemJobsPerUser"]) == (100, 20)


def test_systems_far(far: dict[str, Any]) -> None:
    """A cluster is compiled on by processes, and run on by its scheduler."""
    far["limits"] = {"system_jobs": 7, "user_jobs": 3}
    far["environment"] = "A=b"
    far["startup_script"] = "profile.sh"

    build, run = _documents(far)

    for document in (build, run):
        assert document["login"] == {
            "host": "login.cluster.example",
            "port": 22,
            "protocol": "SSH",
            "hostKey": far["login"]["host_key"],
            "auth": {"type": "SSHKEYS"},
        }
        assert document["storage"] == {
            **document["login"],
            "protocol": "SFTP",
            "rootDir": "/",
            "homeDir": "/scratch/ipt",
        }
        assert (document["workDir"], document["scratchDir"]) == ("", "/scratch/ipt")
        assert document["environment"] == "A=b"
        assert document["startupScript"] == "profile.sh"
        assert document["maxSystemJobsPerUser"] == 3
    assert (build["executionType"], build["scheduler"]) == ("CLI", "FORK")
    assert (run["executionType"], run["scheduler"]) == ("HPC", "SLURM")
    assert build["queues"] == [
        {
            "name": "default",
            "description": "Compile jobs; they start at once",
            "default": True,
            "maxNodes": 1,
            "maxProcessorsPerNode": 4,
            "maxRequestedTime": "01:00:00",
            "maxJobs": 7,
            "maxUserJobs": 3,
        }
    ]


def test_queue(far: dict[str, Any]) -> None:
    """All that a file says of a queue is in the system's description."""
    far["queues"] = [
        {
            "name": "gpu",
            "mapped_name": "gpu-a100",
            "description": "With GPUs",
            "default": True,
            "max_nodes": 2,
            "max_processors": 32,
            "max_run_time": "08:00:00",
            "max_memory": "64GB",
            "max_jobs": 5,
            "max_user_jobs": 1,
            "directives": "--gres=gpu:1",
        }
    ]

    run = _documents(far)[1]

    assert run["queues"] == [
        {
            "name": "gpu",
            "mappedName": "gpu-a100",
            "description": "With GPUs",
            "default": True,
            "maxNodes": 2,
            "maxProcessorsPerNode": 32,
            "maxRequestedTime": "08:00:00",
            "maxMemoryPerNode": "64GB",
            "maxJobs": 5,
            "maxUserJobs": 1,
            "customDirectives": "--gres=gpu:1",
        }
    ]


def test_compile_jobs_in_the_queue(far: dict[str, Any]) -> None:
    """Where the scheduler starts compile jobs, too, they have the same queues."""
    build, run = _documents(far | {"build_scheduler": "SLURM"})

    assert (build["scheduler"], build["queues"]) == ("SLURM", run["queues"])


@pytest.mark.parametrize("kind", ["near", "far"])
def test_tenant_takes_the_systems(kind: str, request: pytest.FixtureRequest) -> None:
    """The tenant keeps every field of a system as it is."""
    for document in _documents(request.getfixturevalue(kind)):
        kept, _ = read_description(document)

        assert kept == document


def test_apps(far: dict[str, Any], manifest: Manifest) -> None:
    """Each of four apps is on the system that its jobs belong to."""
    apps = to_apps(_entry(far), manifest.templates)

    assert [
        (app.id, app.document["executionSystem"], app.document["executionType"])
        for app in apps
    ] == [
        ("ipt-build-far-0.2.0", "ipt.build.far", "CLI"),
        ("ipt-run-far-0.2.0", "ipt.run.far", "HPC"),
        ("ipt-build-run-far-0.2.0", "ipt.run.far", "HPC"),
        ("ipt-compare-far-0.2.0", "ipt.run.far", "HPC"),
    ]
    assert {app.document["defaultMaxRunTime"] for app in apps} == {"00:10:00"}
    assert apps[0].document["deploymentPath"] == "apps/ipt-build"


def test_usual_time_is_within_the_queue(far: dict[str, Any]) -> None:
    """A job that names no time is not refused for the app's usual one."""
    far["queues"][0]["max_run_time"] = "00:05:00"
    templates = read_manifest(Path(__file__).parents[4]).templates

    times = {
        app.id: app.document["defaultMaxRunTime"]
        for app in to_apps(_entry(far), templates)
    }

    assert times["ipt-run-far-0.2.0"] == "00:05:00"
    assert times["ipt-build-far-0.2.0"] == "00:10:00"


def test_published_app_is_left_alone(far: dict[str, Any], manifest: Manifest) -> None:
    """An app that somebody published is used, and never registered."""
    entry = _entry(far | {"run_app": "their-run-1.0u2"})

    ids = [app.id for app in to_apps(entry, manifest.templates)]

    assert "their-run-1.0u2" not in ids
    assert len(ids) == 3
    assert to_setting(entry)["run_app"] == "their-run-1.0u2"


def test_missing_app(far: dict[str, Any], manifest: Manifest) -> None:
    """A checkout without one of the apps is named."""
    templates = {name: manifest.templates[name] for name in ("ipt-build", "ipt-run")}

    with pytest.raises(ManifestError, match="agave/apps lacks the app ipt-build-run"):
        to_apps(_entry(far), templates)


def test_tenant_takes_the_apps(far: dict[str, Any]) -> None:
    """The tenant takes the checkout's own apps for a system."""
    templates = read_manifest(Path(__file__).parents[4]).templates

    for app in to_apps(_entry(far), templates):
        assert read_app(app.document)["name"] == app.document["name"]


def test_setting(far: dict[str, Any]) -> None:
    """The functions are told what people choose from, and nothing of the way there."""
    setting = to_setting(_entry(far))

    assert list(setting) == [
        *("name", "label", "description", "scheduler"),
        *("build_app", "run_app", "build_run_app", "compare_app"),
        *("build_system", "run_system", "modules", "suggested_modules"),
        *("compilers", "launchers", "presets", "queues"),
    ]
    assert setting["suggested_modules"] == [{"name": "gcc/12.2.0", "label": "GCC 12"}]
    assert setting["compilers"] == [
        {"label": "C", "command": "gcc -O2", "for": "serial", "language": "c"}
    ]
    assert setting["queues"] == [
        {
            "name": "default",
            "description": "",
            "default": True,
            "max_nodes": 1,
            "max_processors": 4,
            "max_run_time": "04:00:00",
            "max_memory": "",
        }
    ]
    said = str(setting)
    assert not re.search("login|cluster.example|far-key|/scratch|ssh-ed25519", said)


def test_functions_take_the_setting(far: dict[str, Any]) -> None:
    """What the deployer sends is what the functions read."""
    system = Registry([to_setting(_entry(far))]).find("far")

    assert system.apps["build-run"] == "ipt-build-run-far-0.2.0"
    assert system.presets[0].compile == "gcc -O2"
    assert system.suggested_modules[0].label == "GCC 12"
    assert system.queues[0].max_processors == 4


def test_add_systems(
    manifest: Manifest, near: dict[str, Any], far: dict[str, Any]
) -> None:
    """A manifest gets the systems that are offered; historical ones are not."""
    entries = [_entry(near), replace(_entry(far), historical=True)]

    full = add_systems(manifest, entries)

    assert [system.id for system in full.systems] == [
        "ipt.storage",
        "ipt.build.near",
        "ipt.run.near",
    ]
    assert len(full.apps) == 4
    assert [entry["name"] for entry in full.registry] == ["near"]


@pytest.mark.parametrize("public", [True, False])
def test_published_systems(
    manifest: Manifest, near: dict[str, Any], far: dict[str, Any], *, public: bool
) -> None:
    """Only a system over SSH is published, where the profile says so."""
    full = add_systems(manifest, [_entry(near), _entry(far)], public=public)

    assert {system.id for system in full.systems if system.public} == {
        "ipt.storage",
        *(("ipt.build.far", "ipt.run.far") if public else ()),
    }

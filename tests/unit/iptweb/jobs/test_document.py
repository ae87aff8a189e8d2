"""The document that is submitted."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.jobs import Registry, read_job_request
from iptweb.jobs.document import build_document
from iptweb.jobs.naming import job_name
from iptweb.testing.settings import SYSTEM

REGISTRY = Registry([{**SYSTEM, "modules": True}])
NOW = 1_800_000_000.0


def document(body: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a request."""
    job = read_job_request(body, REGISTRY)
    return build_document(job, user="ada", storage_system="ipt.storage", now=NOW)


def test_compile_document() -> None:
    """A compile job has its inputs, parameters, name and archive."""
    assert document(
        {
            "kind": "compile",
            "request_id": "request-1",
            "system": "local",
            "command": "gcc -fopenmp",
            "source": "~/my heat.c",
            "output": "heat",
            "files": ["src/a.c", "x.h"],
            "args": "-O2",
            "modules": ["gcc"],
        }
    ) == {
        "name": "ipt-compile-my-heat-request-1",
        "appId": "ipt-build-local-0.1.0",
        "inputs": {
            "driver": "agave://ipt.storage/ada/my%20heat.c",
            "supplementalFiles": [
                "agave://ipt.storage/ada/src/a.c",
                "agave://ipt.storage/ada/x.h",
            ],
        },
        "parameters": {
            "command": "gcc -fopenmp",
            "output": "heat",
            "args": "-O2",
            "modules": ["gcc"],
        },
        "nodeCount": 1,
        "processorsPerNode": 1,
        "archive": True,
        "archiveSystem": "ipt.storage",
        "archivePath": "ada/jobs/2027-01-15/compile-local-request-1",
    }


def test_run_document() -> None:
    """A run job really sends queue, sizes and run time, numbers as numbers."""
    assert document(
        {
            "kind": "run",
            "request_id": "request-1",
            "system": "local",
            "binary": "heat",
            "launcher": "mpirun -np {processors}",
            "args": "100",
            "threads": 2,
            "ranks": 2,
            "run_time": "00:05:00",
            "memory": "1.5GB",
            "notify": "https://example.org/${JOB_ID}",
        }
    ) == {
        "name": "ipt-run-heat-request-1",
        "appId": "ipt-run-local-0.1.0",
        "inputs": {"binary": "agave://ipt.storage/ada/heat"},
        "parameters": {"threads": 2, "command": "mpirun -np 2", "args": "100"},
        "batchQueue": "default",
        "nodeCount": 1,
        "processorsPerNode": 4,
        "memoryPerNode": "1536MB",
        "maxRunTime": "00:05:00",
        "archive": True,
        "archiveSystem": "ipt.storage",
        "archivePath": "ada/jobs/2027-01-15/run-local-request-1",
        "notifications": [
            {
                "url": "https://example.org/${JOB_ID}",
                "event": event,
                "persistent": False,
            }
            for event in ("FINISHED", "FAILED", "STOPPED")
        ],
    }


def test_build_run_document() -> None:
    """A job that compiles and runs has what both have, in one document."""
    assert document(
        {
            "kind": "build-run",
            "request_id": "request-1",
            "system": "local",
            "source": "src/heat.c",
            "compile": "mpicc -O2",
            "compile_args": "-lm",
            "output": "heat",
            "launcher": "mpirun -np {processors}",
            "args": "100",
            "ranks": 3,
            "files": ["x.h"],
        }
    ) == {
        "name": "ipt-build-run-heat-request-1",
        "appId": "ipt-build-run-local-0.1.0",
        "inputs": {
            "driver": "agave://ipt.storage/ada/src/heat.c",
            "supplementalFiles": ["agave://ipt.storage/ada/x.h"],
        },
        "parameters": {
            "compileCommand": "mpicc -O2",
            "compileArgs": "-lm",
            "output": "heat",
            "command": "mpirun -np 3",
            "threads": 1,
            "args": "100",
        },
        "batchQueue": "default",
        "nodeCount": 1,
        "processorsPerNode": 3,
        "maxRunTime": "00:10:00",
        "memoryPerNode": "8GB",
        "archive": True,
        "archiveSystem": "ipt.storage",
        "archivePath": "ada/jobs/2027-01-15/build-run-local-request-1",
    }


@pytest.mark.parametrize(
    ("launcher", "parameters"),
    [
        ("", {}),
        ("mpirun -np {processors}", {"launcher": "mpirun -np {ranks}"}),
    ],
)
def test_compare_document(launcher: str, parameters: dict[str, Any]) -> None:
    """A comparison asks for what its largest run needs."""
    assert document(
        {
            "kind": "compare",
            "request_id": "request-1",
            "system": "local",
            "serial": "heat.c",
            "parallel": "rose_heat.c",
            "serial_compile": "gcc -O2",
            "launcher": launcher,
            "counts": [4, 1, 2],
            "repeats": 2,
        }
    ) == {
        "name": "ipt-compare-rose-heat-request-1",
        "appId": "ipt-compare-local-0.1.0",
        "inputs": {
            "serial": "agave://ipt.storage/ada/heat.c",
            "parallel": "agave://ipt.storage/ada/rose_heat.c",
        },
        "parameters": {
            "serialCompile": "gcc -O2",
            "counts": "1 2 4",
            "repeats": 2,
        }
        | parameters,
        "batchQueue": "default",
        "nodeCount": 1,
        "processorsPerNode": 4,
        "maxRunTime": "00:10:00",
        "memoryPerNode": "8GB",
        "archive": True,
        "archiveSystem": "ipt.storage",
        "archivePath": "ada/jobs/2027-01-15/compare-local-request-1",
    }


def test_a_system_that_tells_nothing_is_asked_for_nothing() -> None:
    """Where the registry has no queue, the document names none, and no memory."""
    registry = Registry([{**SYSTEM, "queues": []}])
    body = {"kind": "run", "request_id": "request-1", "system": "local", "binary": "a"}

    made = build_document(
        read_job_request(body, registry), user="ada", storage_system="s", now=NOW
    )
    assert not {"batchQueue", "memoryPerNode"} & made.keys()
    assert (made["nodeCount"], made["processorsPerNode"]) == (1, 1)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("src/heat.c", "ipt-compile-heat-request-1"),
        ("rose_heat_OpenMP.c", "ipt-compile-rose-heat-openmp-request-1"),
        (
            "a-program-of-many-words-in-c.c",
            "ipt-compile-a-program-of-many-words-request-1",
        ),
        ("-x-.c", "ipt-compile-x-request-1"),
        ("température.c", "ipt-compile-temp-rature-request-1"),
        ("温度.c", "ipt-compile-request-1"),
    ],
)
def test_name_says_which_program(source: str, name: str) -> None:
    """A job is named after its program, in letters that every system takes."""
    body = {"kind": "compile", "request_id": "request-1", "system": "local"}
    body |= {"command": "gcc", "source": source, "output": "a.out"}

    assert job_name(read_job_request(body, REGISTRY)) == name


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/")))
def test_name_is_always_plain_and_short(stem: str) -> None:
    """Whatever a program is called, its job's name is plain and not too long."""
    body = {"kind": "run", "request_id": "request-1", "system": "local"}

    name = job_name(read_job_request(body | {"binary": f"x{stem}"}, REGISTRY))

    assert re.fullmatch(r"ipt-run-([a-z0-9][a-z0-9-]{0,23}-)?request-1", name)
    assert "--" not in name


def test_optional_parts_are_left_out() -> None:
    """What is empty is not sent, so that the app's defaults hold."""
    made = document(
        {"kind": "run", "request_id": "request-1", "system": "local", "binary": "heat"}
    )

    assert made["parameters"] == {"threads": 1}
    assert list(made["inputs"]) == ["binary"]

"""The document that is submitted, and the line that runs."""

import re
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iptweb.jobs import Registry, read_job_request
from iptweb.jobs.document import (
    build_document,
    command_line_of,
    input_names,
    job_name,
    to_command_line,
)
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
            "threads": 4,
            "processors": 2,
            "run_time": "00:05:00",
        }
    ) == {
        "name": "ipt-run-heat-request-1",
        "appId": "ipt-run-local-0.1.0",
        "inputs": {"binary": "agave://ipt.storage/ada/heat"},
        "parameters": {"threads": 4, "command": "mpirun -np 2", "args": "100"},
        "batchQueue": "default",
        "nodeCount": 1,
        "processorsPerNode": 2,
        "maxRunTime": "00:05:00",
        "archive": True,
        "archiveSystem": "ipt.storage",
        "archivePath": "ada/jobs/2027-01-15/run-local-request-1",
    }


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


def test_command_lines() -> None:
    """The line shows what the wrapper runs: headers are not compiled."""
    compile_job = read_job_request(
        {
            "kind": "compile",
            "request_id": "request-1",
            "system": "local",
            "command": "gcc -fopenmp",
            "source": "my heat.c",
            "output": "heat",
            "files": ["src/a.c", "x.h"],
            "args": "-O2",
        },
        REGISTRY,
    )
    run_job = read_job_request(
        {
            "kind": "run",
            "request_id": "request-1",
            "system": "local",
            "binary": "bin/heat",
            "launcher": "mpirun -np 1",
            "args": "100",
            "threads": 4,
        },
        REGISTRY,
    )

    assert command_line_of(compile_job) == (
        "gcc -fopenmp './my heat.c' ./a.c -o ./heat -O2"
    )
    assert command_line_of(run_job) == "OMP_NUM_THREADS=4 mpirun -np 1 ./heat 100"


@pytest.mark.parametrize(
    ("kind", "parameters", "names", "line"),
    [
        ("run", {"threads": 4.0}, ["a"], "OMP_NUM_THREADS=4 ./a"),
        ("run", {"args": ["1", "2"], "command": None}, ["a"], "./a 1 2"),
        ("other", {}, ["a"], ""),
        ("run", {}, [], ""),
    ],
)
def test_line_of_a_foreign_document(
    kind: str, parameters: dict[str, Any], names: list[str], line: str
) -> None:
    """A line is made of whatever Agave returns, or there is none."""
    assert to_command_line(kind, parameters, names) == line


def test_input_names() -> None:
    """File names are read back from the addresses of inputs."""
    inputs = {
        "driver": ["agave://s/ada/my%20heat.c"],
        "supplementalFiles": "agave://s/ada/x.h",
    }

    assert input_names(inputs, "driver") == ["my heat.c", "x.h"]
    assert input_names({}, "driver") == []


@pytest.mark.parametrize("name", ["it's.c", "a;b.c", "$x.c", "a b.c", 'q".c'])
def test_line_can_be_pasted(name: str) -> None:
    """A name with characters of a shell is quoted, so that the line can be pasted."""
    line = to_command_line("run", {"threads": 1}, [name]).split(" ", 1)[1]

    shown = subprocess.run(
        ["bash", "-c", f"printf %s {line}"], capture_output=True, text=True, check=True
    )
    assert shown.stdout == f"./{name}"

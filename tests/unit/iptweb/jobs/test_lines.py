"""The lines that a job runs."""

import shlex
import subprocess
from typing import Any

import pytest

from iptweb.jobs import Registry, read_job_request
from iptweb.jobs.document import build_document, command_line_of
from iptweb.jobs.lines import input_names, line_of_document, to_command_line
from iptweb.testing.settings import SYSTEM

REGISTRY = Registry([SYSTEM])
ANY = {"request_id": "request-1", "system": "local"}
COMPILE = ANY | {
    "kind": "compile",
    "command": "gcc -fopenmp",
    "source": "my heat.c",
    "output": "heat",
    "files": ["src/a.c", "x.h"],
    "args": "-O2",
}
RUN = ANY | {
    "kind": "run",
    "binary": "bin/heat",
    "launcher": "mpirun -np 1",
    "args": "100",
    "threads": 4,
}
BUILD_RUN = ANY | {
    "kind": "build-run",
    "source": "my heat.c",
    "compile": "mpicc -O2",
    "compile_args": "-lm",
    "output": "heat",
    "launcher": "mpirun -np {processors}",
    "ranks": 2,
    "files": ["src/a.c", "x.h"],
    "args": "'a b'",
}
COMPARE = ANY | {
    "kind": "compare",
    "serial": "heat.c",
    "parallel": "my heat.c",
    "serial_compile": "gcc -O2 -lm",
    "parallel_compile": "gcc -fopenmp",
    "counts": [1, 4],
    "files": ["src/a.c", "x.h"],
    "args": "100",
}
LINES = [
    (COMPILE, ["gcc -fopenmp './my heat.c' ./a.c -o ./heat -O2"]),
    (RUN, ["OMP_NUM_THREADS=4 mpirun -np 1 ./heat 100"]),
    (
        BUILD_RUN,
        [
            "mpicc -O2 './my heat.c' ./a.c -o ./heat -lm",
            "OMP_NUM_THREADS=1 mpirun -np 2 ./heat 'a b'",
        ],
    ),
    (
        COMPARE,
        [
            "gcc -O2 -lm ./heat.c ./a.c -o ./compare/serial.run -lm",
            "gcc -fopenmp './my heat.c' ./a.c -o ./compare/parallel.run",
            "OMP_NUM_THREADS=1 ./compare/serial.run 100",
            "OMP_NUM_THREADS=1 ./compare/parallel.run 100",
            "OMP_NUM_THREADS=4 ./compare/parallel.run 100",
        ],
    ),
    (
        COMPARE
        | {"serial_compile": "", "parallel_compile": "", "serial": "bin/heat"}
        | {"launcher": "mpirun -np {processors}", "parallel": "bin/my heat"},
        [
            "OMP_NUM_THREADS=1 ./heat 100",
            "OMP_NUM_THREADS=1 mpirun -np 1 './my heat' 100",
            "OMP_NUM_THREADS=1 mpirun -np 4 './my heat' 100",
        ],
    ),
    (
        COMPARE | {"parallel": "heat.c", "counts": [2], "files": [], "args": ""},
        [
            "gcc -O2 -lm ./heat.c -o ./compare/serial.run -lm",
            "gcc -fopenmp ./heat.c -o ./compare/parallel.run",
            "OMP_NUM_THREADS=1 ./compare/serial.run",
            "OMP_NUM_THREADS=2 ./compare/parallel.run",
        ],
    ),
]


@pytest.mark.parametrize(("body", "lines"), LINES)
def test_every_program_has_its_line(body: dict[str, Any], lines: list[str]) -> None:
    """All that runs is shown, in the order it runs: headers are not compiled."""
    assert command_line_of(read_job_request(body, REGISTRY)).split("\n") == lines


@pytest.mark.parametrize("body", [body for body, _ in LINES])
def test_a_job_shows_the_lines_of_its_request(body: dict[str, Any]) -> None:
    """What was shown before submitting is what the job shows afterwards."""
    job = read_job_request(body, REGISTRY)
    made = build_document(job, user="ada", storage_system="ipt.storage", now=0)

    assert line_of_document(made, job.kind) == command_line_of(job)


@pytest.mark.parametrize(
    "raw", [{}, {"inputs": {}, "parameters": []}, {"inputs": {}, "parameters": {}}]
)
@pytest.mark.parametrize("kind", ["compile", "compare", "other"])
def test_a_job_without_details_has_no_lines(raw: dict[str, Any], kind: str) -> None:
    """A summary, or a job of nobody knows what, shows nothing."""
    assert line_of_document(raw, kind) == ""


@pytest.mark.parametrize(
    ("kind", "parameters", "names", "line"),
    [
        ("run", {"threads": 4.0}, ["a"], "OMP_NUM_THREADS=4 ./a"),
        ("run", {"args": ["1", "2"], "command": None}, ["a"], "./a 1 2"),
        ("run", {"command": "./"}, ["a"], "./a"),
        ("run", {"command": "valgrind ./a", "args": "1"}, ["a"], "valgrind ./a 1"),
        ("other", {}, ["a"], ""),
        ("run", {}, [], ""),
        ("compare", {}, ["a"], ""),
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
    assert shlex.split(line) == [f"./{name}"]

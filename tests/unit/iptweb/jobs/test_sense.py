"""Warnings: what is possible and yet seldom meant."""

from typing import Any

import pytest

from iptweb.jobs import Registry, read_job_request
from iptweb.jobs.sense import find_warnings
from iptweb.testing.settings import SYSTEM

COMPILERS = ["gcc -O2", "g++", "mpicc", "mpicxx", "nvcc"]
MPIRUN = "mpirun -np {processors}"
REGISTRY = Registry(
    [
        SYSTEM
        | {
            "modules": True,
            "launchers": ["", MPIRUN, "srun -n {ranks}"],
            "compilers": [{"command": command} for command in COMPILERS],
        }
    ]
)
ANY = {"request_id": "request-1", "system": "local"}
COMPILE = ANY | {
    "kind": "compile",
    "command": "gcc -O2",
    "source": "heat.c",
    "output": "heat",
}
BUILD_RUN = ANY | {
    "kind": "build-run",
    "compile": "gcc -O2",
    "source": "heat.c",
    "output": "heat",
}
COMPARE = ANY | {
    "kind": "compare",
    "serial": "heat.c",
    "serial_compile": "gcc -O2",
    "parallel": "rose_heat.c",
    "parallel_compile": "gcc -fopenmp",
    "counts": [1, 2],
}
RUN = ANY | {"kind": "run", "binary": "heat", "threads": 4}
MPI = {"compile": "mpicc -O2", "launcher": MPIRUN, "ranks": 2}


def warned(body: dict[str, Any]) -> list[str]:
    """Return the fields that are warned of."""
    return [each.field for each in find_warnings(read_job_request(body, REGISTRY))]


@pytest.mark.parametrize(
    "body",
    [
        COMPILE,
        COMPILE | {"command": "mpicc", "args": "-lm"},
        COMPILE | {"command": "g++", "source": "heat.cpp"},
        COMPILE | {"command": "/usr/bin/nvcc", "source": "heat.cu"},
        COMPILE | {"command": "icx", "modules": ["intel"]},
        RUN,
        RUN | {"threads": 1, "launcher": MPIRUN, "ranks": 2},
        BUILD_RUN,
        BUILD_RUN | MPI,
        BUILD_RUN | MPI | {"compile": "gcc", "compile_args": "-lmpi"},
        BUILD_RUN | {"launcher": "srun -n {ranks}"},
        BUILD_RUN | {"threads": 2, "compile": "gcc -fopenmp"},
        BUILD_RUN | {"threads": 2, "compile_args": "-fopenmp=libomp"},
        BUILD_RUN | {"threads": 2, "compile_args": "-pthread"},
        BUILD_RUN | {"threads": 2, "compile": "mpicc -qopenmp", "launcher": MPIRUN},
        BUILD_RUN
        | {"threads": 2, "compile": "nvcc -Xcompiler=-fopenmp,-O2", "source": "a.cu"},
        COMPARE,
        COMPARE | {"parallel_compile": "mpicc", "launcher": MPIRUN},
        COMPARE | {"serial_compile": "", "parallel_compile": ""},
    ],
)
def test_what_makes_sense_is_not_warned_of(body: dict[str, Any]) -> None:
    """A job as the presets make it is submitted without a word."""
    assert warned(body) == []


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        (BUILD_RUN | MPI | {"compile": "gcc"}, "compile", "gcc is no MPI compiler"),
        (
            COMPARE | {"launcher": MPIRUN},
            "parallel_compile",
            "mpirun starts ranks of an MPI program",
        ),
        (BUILD_RUN | {"compile": "mpicc"}, "launcher", "runs as a single rank"),
        (COMPARE | {"parallel_compile": "mpicc -fopenmp"}, "launcher", "single rank"),
        (BUILD_RUN | {"threads": 2}, "compile", "2 threads are asked for"),
        (
            BUILD_RUN | {"threads": 2, "compile": "gcc -fopenmp-simd"},
            "compile",
            "no -fopenmp",
        ),
        (COMPARE | {"parallel_compile": "gcc"}, "parallel_compile", "no -fopenmp"),
        (COMPARE | {"counts": [1]}, "counts", "one thread alone"),
        (
            COMPARE | {"counts": [1], "parallel_compile": "mpicc", "launcher": MPIRUN},
            "counts",
            "one rank alone",
        ),
        (COMPILE | {"source": "heat.cpp"}, "command", "heat.cpp is C++"),
        (COMPILE | {"source": "heat.cu"}, "command", "heat.cu is CUDA"),
        (COMPILE | {"command": "icx"}, "command", "does not list the compiler icx"),
        (COMPARE | {"serial_compile": "tcc"}, "serial_compile", "compiler tcc"),
    ],
)
def test_what_makes_little_sense_is_warned_of(
    body: dict[str, Any], field: str, sentence: str
) -> None:
    """A warning names the field and says what would happen."""
    (warning,) = find_warnings(read_job_request(body, REGISTRY))

    assert warning.field == field
    assert sentence in warning.message


def test_a_registry_without_compilers_lists_none_to_miss() -> None:
    """Where the registry lists no compiler, any is as good as another."""
    registry = Registry([SYSTEM | {"compilers": []}])

    assert find_warnings(read_job_request(COMPILE | {"command": "x"}, registry)) == []

"""Real compilers through the build app: diagnostics unchanged, exit codes kept."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

OPENMP = """#include <omp.h>
#include <stdio.h>
int main(void) {
  int sum = 0;
#pragma omp parallel reduction(+ : sum)
  sum += 1;
  printf("%d\\n", sum);
  return 0;
}
"""
FAULTY = "int main(void) { int unused; return missing; }\n"
# What nvcc 13.0 said of FAULTY_CUDA; it stands in where there is no nvcc.
NVCC_SAYS = """./heat.cu(1): error: identifier "missing" is undefined
  __attribute__((global)) void f(int *a) { *a = missing; }
                                                ^

1 error detected in the compilation of "./heat.cu".
"""
FAULTY_CUDA = "__global__ void f(int *a) { *a = missing; }\nint main() { return 0; }\n"


def _build(run_app: Any, command: str, name: str, env: Any = None) -> Any:
    values = {"command": command, "driver": name, "output": "heat"}
    return run_app("ipt-build", values, env=env)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        pytest.param("gcc -Wall", "heat.c", marks=pytest.mark.needs("gcc")),
        pytest.param("g++ -Wall", "heat.cc", marks=pytest.mark.needs("g++")),
        pytest.param("clang-19 -Wall", "heat.c", marks=pytest.mark.needs("clang")),
        pytest.param("mpicc -Wall", "heat.c", marks=pytest.mark.needs("openmpi")),
        pytest.param("mpicxx -Wall", "heat.cc", marks=pytest.mark.needs("openmpi")),
    ],
)
def test_diagnostics_are_unchanged(
    run_app: Any, bench: Any, command: str, name: str
) -> None:
    """Standard error begins with what the compiler says when it is called by hand."""
    bench.put(name, FAULTY)
    by_hand = subprocess.run(
        [*command.split(), f"./{name}", "-o", "./heat"],
        cwd=bench.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    ended = _build(run_app, command, name)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (1, "1\n")
    assert f"./{name}:1:" in by_hand.stderr
    last = "The compiler ended with code 1; its messages are above.\n"
    assert ended.err == by_hand.stderr + last
    assert ended.out == f"{command} ./{name} -o ./heat\n"


@pytest.mark.needs("gcc")
def test_warning(run_app: Any, bench: Any) -> None:
    """A warning is kept, and the job is well all the same."""
    bench.put("heat.c", "int main(void) { int unused; return 0; }\n")

    ended = _build(run_app, "gcc -Wall", "heat.c")

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (0, "0\n")
    assert "./heat.c:1:22: warning: unused variable" in ended.err


@pytest.mark.needs("gcc")
def test_missing_header(run_app: Any, bench: Any) -> None:
    """A header that was not staged is named by the compiler."""
    bench.put("heat.c", '#include "grid.h"\nint main(void) { return 0; }\n')

    ended = _build(run_app, "gcc", "heat.c")

    assert ended.code == 1
    assert "./heat.c:1:10: fatal error: grid.h: No such file" in ended.err


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("name", ["-dash.c", "a b.c", "$(x) `y` ;'\"ä.c", "*.c"])
def test_source_and_program_of_any_name(run_app: Any, bench: Any, name: str) -> None:
    """Names are no options, patterns or commands, on the way in and out."""
    bench.put(name, "int main(void) { return 0; }\n")
    values = {"command": "gcc", "driver": name, "output": f"{name}.run"}

    built = run_app("ipt-build", values)
    ended = run_app("ipt-run", {"binary": f"{name}.run"})

    assert built.code == 0, built.err
    assert ended.code == 0, ended.err


@pytest.mark.needs("gcc")
def test_openmp(run_app: Any, bench: Any) -> None:
    """A real OpenMP program has as many threads as were asked for."""
    bench.put("heat.c", OPENMP)

    built = _build(run_app, "gcc -fopenmp", "heat.c")
    ended = run_app("ipt-run", {"binary": "heat", "threads": "3"})

    assert built.code == 0, built.err
    assert ended.out == "3\n"


def test_nvcc(run_app: Any, bench: Any, tmp_path: Path) -> None:
    """CUDA's compiler is like the others: its words and its exit code are kept."""
    bench.put("heat.cu", FAULTY_CUDA)
    stub = tmp_path / "stub"
    stub.mkdir()
    real = shutil.which("nvcc")
    if real is None:
        (stub / "said").write_text(NVCC_SAYS, "utf-8")
        (stub / "nvcc").write_text(f"#!/bin/sh\ncat {stub}/said >&2\nexit 2\n", "utf-8")
        (stub / "nvcc").chmod(0o755)
    path = f"/usr/local/bin:/usr/bin:/bin:{Path(real).parent if real else stub}"

    ended = _build(run_app, "nvcc -O2", "heat.cu", env={"PATH": path})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (2, "2\n")
    assert './heat.cu(1): error: identifier "missing" is undefined' in ended.err
    assert ended.out == "nvcc -O2 ./heat.cu -o ./heat\n"


@pytest.mark.parametrize(
    ("names", "compiled"),
    [
        (["a.c"], ["./a.c"]),
        (["a.h", "b c.c", "d e f"], ["./b c.c"]),
        (["a", "b c", "a b"], []),
        (["b.c", "a b.c", "a"], ["./b.c", "./a b.c"]),
        ([" x.c", "y  z.c"], ["./ x.c", "./y  z.c"]),
        (["-l.o", "*.a", "ä.so"], ["./-l.o", "./*.a", "./ä.so"]),
    ],
)
def test_further_files_with_spaces(
    run_app: Any, bench: Any, recorded: None, names: list[str], compiled: list[str]
) -> None:
    """A list of names that hold spaces is read by the files that are there."""
    del recorded
    for name in ["heat.c", *names]:
        bench.put(name, "")
    values = {"command": "./compiler", "driver": "heat.c", "output": "heat"}

    ended = run_app("ipt-build", values | {"supplementalFiles": " ".join(names)})

    assert ended.code == 0, ended.err
    assert ended.words("compiled") == ["./heat.c", *compiled, "-o", "./heat"]


def test_many_further_files(run_app: Any, bench: Any, recorded: None) -> None:
    """Hundreds of files are no burden."""
    del recorded
    names = [f"a source {number}.c" for number in range(500)]
    for name in ["heat.c", *names]:
        bench.put(name, "")
    values = {"command": "./compiler", "driver": "heat.c", "output": "heat"}

    ended = run_app("ipt-build", values | {"supplementalFiles": " ".join(names)})

    assert len(ended.words("compiled")) == 503

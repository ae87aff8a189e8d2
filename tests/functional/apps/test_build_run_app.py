"""The wrapper script of the app that compiles and runs, run by bash."""

from typing import Any

import pytest

PROGRAM = """#include <stdio.h>
#include <stdlib.h>
int main(int count, char **words) {
  for (int i = 1; i < count; i++) printf("%s|", words[i]);
  printf("%s", getenv("OMP_NUM_THREADS"));
  return NUMBER;
}
"""
FIRST = {
    "compileCommand": "gcc -Wall",
    "compileArgs": "-DNUMBER=0 -lm",
    "output": "my heat",
    "driver": "heat.c",
    "args": "'a b' $x",
    "threads": "3",
}

pytestmark = pytest.mark.needs("gcc")


@pytest.fixture(autouse=True)
def _staged(bench: Any) -> None:
    bench.put("heat.c", PROGRAM)


def test_build_run(run_app: Any) -> None:
    """The program is compiled, and runs with its arguments and threads."""
    ended = run_app("ipt-build-run", FIRST)

    line = "gcc -Wall ./heat.c -o ./my\\ heat -DNUMBER=0 -lm\n"
    assert (ended.code, ended.out, ended.err) == (0, f"{line}a b|$x|3", "")
    assert ended.file("IPT_EXIT_CODE") == "0\n"
    assert ended.file("IPT_STAGE") == "run\n"
    assert 0 <= float(ended.file("IPT_TIME")) < 10


def test_build_run_failing_program(run_app: Any) -> None:
    """The program's exit code is the job's, and the stage says that it ran."""
    ended = run_app("ipt-build-run", FIRST | {"compileArgs": "-DNUMBER=3"})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (3, "3\n")
    assert ended.file("IPT_STAGE") == "run\n"
    assert "The program ended with code 3." in ended.err


def test_build_run_compile_error(run_app: Any) -> None:
    """Nothing runs after a compile error, and the stage says that it was one."""
    ended = run_app("ipt-build-run", FIRST | {"compileArgs": ""})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (1, "1\n")
    assert ended.file("IPT_STAGE") == "compile\n"
    assert "./heat.c:6:10: error: " in ended.err
    assert ended.file("IPT_TIME") is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"threads": "0"}, "number of threads must lie between 1 and 9999"),
        ({"compileCommand": " "}, "There is no compile command."),
        ({"output": "../heat"}, "must be a plain file name"),
        ({"driver": "other.c"}, "The source file 'other.c' is not in the job's folder"),
        ({"supplementalFiles": "heat.c x.h"}, "'x.h' is not in the job's folder"),
        ({"modules": "-a"}, "'-a' is not the name of a module"),
    ],
)
def test_build_run_refusals(
    run_app: Any, change: dict[str, str], sentence: str
) -> None:
    """What can't work is refused before anything runs."""
    ended = run_app("ipt-build-run", FIRST | change)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (64, "64\n")
    assert sentence in ended.err


def test_build_run_program_called_test(run_app: Any) -> None:
    """A program may be called `test`, though the app has a folder of that name."""
    ended = run_app("ipt-build-run", FIRST | {"output": "test"})

    assert ended.code == 0, ended.err


@pytest.mark.needs("openmpi")
def test_build_run_mpi(run_app: Any, bench: Any) -> None:
    """A real MPI program is compiled by mpicc and runs on two ranks."""
    bench.put(
        "heat.c",
        "#include <mpi.h>\n#include <stdio.h>\n"
        "int main(int count, char **words) { int rank, sum; MPI_Init(&count, &words);\n"
        "MPI_Comm_rank(MPI_COMM_WORLD, &rank); rank++;\n"
        "MPI_Reduce(&rank, &sum, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);\n"
        'if (rank == 1) printf("sum %d %s\\n", sum, words[1]);\n'
        "return MPI_Finalize(); }\n",
    )
    values = {"compileCommand": "mpicc -O2", "command": "mpirun --oversubscribe -np 2"}

    ended = run_app("ipt-build-run", FIRST | values | {"compileArgs": ""})

    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[1:] == ["sum 3 a b"]

"""The wrapper script of the app that compares programs, run by bash."""

import re
from typing import Any

import pytest

SCRIPT = '#!/bin/sh\necho "$OMP_NUM_THREADS $*"\n'
FIRST = {"serial": "heat", "parallel": "heat_openmp", "counts": "1 2", "args": "'a b'"}


@pytest.fixture(autouse=True)
def _staged(bench: Any) -> None:
    bench.put("heat", '#!/bin/sh\necho "serial $*"\n')
    bench.put("heat_openmp", SCRIPT)


def test_compare(run_app: Any) -> None:
    """Each run has a line in the table, its output in a file and its time."""
    ended = run_app("ipt-compare", FIRST | {"repeats": "2.0"})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (0, "0\n"), ended.err
    assert ended.table() == [
        [label, repeat, "0"] for label in ("serial", "1", "2") for repeat in "12"
    ]
    assert ended.file("compare/serial.out") == "serial a b\n"
    assert ended.file("compare/1.out") == "1 a b\n"
    assert ended.file("compare/2.out") == "2 a b\n"
    names = sorted(path.name for path in (ended.folder / "compare").iterdir())
    assert names == ["1.out", "2.out", "serial.out"]
    assert "The parallel program with 1 thread, run 2 of 2: " in ended.out


def test_compare_takes_times(run_app: Any, bench: Any) -> None:
    """Times are seconds with milliseconds, and the job's time is their sum."""
    bench.put("heat", "#!/bin/sh\nsleep 0.2\n")

    ended = run_app("ipt-compare", FIRST)

    seconds = [line.split("\t")[3] for line in ended.file("IPT_COMPARE").splitlines()]
    assert re.findall(r": ([\d.]+) s, exit code 0", ended.out) == seconds
    assert all(len(text.partition(".")[2]) == 3 for text in seconds)
    assert 0.2 <= float(seconds[0]) < 5
    assert float(ended.file("IPT_TIME")) == pytest.approx(sum(map(float, seconds)))


def test_compare_streams(run_app: Any, bench: Any) -> None:
    """What programs say on standard error is the job's, and input is empty."""
    bench.put("heat", "#!/bin/sh\necho mine >&2\ncat\n")

    ended = run_app("ipt-compare", FIRST)

    assert (ended.code, ended.err) == (0, "mine\n")
    assert ended.file("compare/serial.out") == ""


def test_compare_failing_run(run_app: Any, bench: Any) -> None:
    """A parallel run that fails is noted, and the others go on."""
    bench.put(
        "heat_openmp", '#!/bin/sh\n[ "$OMP_NUM_THREADS" != 2 ] || kill -SEGV $$\n'
    )

    ended = run_app("ipt-compare", FIRST | {"counts": "1 2 4"})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (0, "0\n")
    assert [row[2] for row in ended.table()] == ["0", "0", "139", "0"]
    assert "The parallel program with 2 threads touched memory" in ended.err


def test_compare_failing_serial_program(run_app: Any, bench: Any) -> None:
    """Where the serial program fails there is nothing to compare with."""
    bench.put("heat", "#!/bin/sh\nexit 3\n")

    ended = run_app("ipt-compare", FIRST)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (3, "3\n")
    assert ended.table() == [["serial", "1", "3"]]
    assert "The serial program ended with code 3. There is nothing" in ended.err


def test_compare_cuts_output(run_app: Any, bench: Any) -> None:
    """At most 16 MiB are kept of a run's output, and a sentence says so."""
    bench.put("heat", "#!/bin/sh\nhead -c 17000000 /dev/zero\n")

    ended = run_app("ipt-compare", FIRST)

    assert ended.code == 0
    assert (ended.folder / "compare/serial.out").stat().st_size == 16 << 20
    assert "The output in compare/serial.out is cut off at 16 MiB." in ended.err


def test_compare_endless_output(run_app: Any, bench: Any) -> None:
    """A run that writes more than a file may hold ends, and the others go on."""
    bench.put("heat_openmp", "#!/bin/sh\n[ $OMP_NUM_THREADS = 2 ] || exec yes\n")

    ended = run_app("ipt-compare", FIRST, file_kilobytes=64)

    assert [row[2] for row in ended.table()] == ["0", "153", "0"]
    assert "wrote a file that is larger than allowed" in ended.err


def test_compare_ranks(run_app: Any) -> None:
    """With a launcher, counts are ranks, and each rank has one thread."""
    ended = run_app(
        "ipt-compare", FIRST | {"launcher": "env N={ranks} X='a {ranks}' ./x"}
    )

    assert [row[2] for row in ended.table()] == ["0", "127", "127"]

    ended = run_app("ipt-compare", FIRST | {"launcher": "env 'N=a {ranks}'"})

    assert "env N=a\\ 2 ./heat_openmp a\\ b\n" in ended.out
    assert ended.file("compare/2.out") == "1 a b\n"
    assert "The parallel program with 1 rank, run 1 of 1: " in ended.out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"counts": ""}, "There must be between 1 and 8 counts"),
        ({"counts": "1 2 3 4 5 6 7 8 9"}, "There must be between 1 and 8 counts"),
        ({"counts": "1 0"}, "The number of threads must lie between 1 and 9999."),
        ({"counts": "1 ''"}, "The number of threads must lie between 1 and 9999."),
        ({"counts": "2 1 2"}, "The count 2 is there twice."),
        ({"repeats": "6"}, "The number of repeats must lie between 1 and 5."),
        ({"repeats": "1;x"}, "The number of repeats must lie between 1 and 5."),
        ({"launcher": "mpirun -np 4"}, "must say by {ranks} where"),
        ({"serial": "other"}, "The serial program 'other' is not in the job's folder."),
        ({"serial": "sub"}, "The serial program 'sub' is a folder, not a file."),
        ({"parallel": "no"}, "The parallel program 'no' is not in the job's folder."),
        ({"serial": "heat.c"}, "so 'serialCompile' must say how to compile it"),
        ({"parallel": "heat.c"}, "so 'parallelCompile' must say how to compile it"),
        ({"supplementalFiles": "compare"}, "may not be named 'compare'"),
        ({"supplementalFiles": "no.txt"}, "'no.txt' is not in the job's folder"),
    ],
)
def test_compare_refusals(
    run_app: Any, bench: Any, change: dict[str, str], sentence: str
) -> None:
    """What can't be compared is refused before anything runs."""
    bench.put("heat.c", "")
    (bench.folder / "sub").mkdir()
    if "supplementalFiles" in change:
        (bench.folder / "compare").mkdir()

    ended = run_app("ipt-compare", FIRST | change)

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (64, "64\n")
    assert sentence in ended.err
    assert ended.table() == []


def test_compare_file_in_the_way(run_app: Any, bench: Any) -> None:
    """A job that can't make its folder of outputs says so."""
    bench.put("compare", "")

    ended = run_app("ipt-compare", FIRST)

    assert ended.code == 64
    assert "The folder 'compare' can't be made." in ended.err


@pytest.mark.needs("gcc")
def test_compare_compiles_sources(run_app: Any, bench: Any) -> None:
    """One source, compiled with and without OpenMP, is compared with itself."""
    bench.put("my heat.c", '#include "grid.h"\nint main(void) { return run(); }\n')
    bench.put("grid.h", "int run(void);\n")
    bench.put(
        "grid.c",
        "#include <math.h>\n#include <stdio.h>\n#ifdef _OPENMP\n#include <omp.h>\n"
        "#else\n#define omp_get_max_threads() 0\n#endif\n"
        'int run(void) { volatile double x = 4; printf("%d %g\\n",\n'
        "omp_get_max_threads(), sqrt(x)); return 0; }\n",
    )
    compilers = {"serialCompile": "gcc -lm", "parallelCompile": "gcc -fopenmp -lm"}

    ended = run_app(
        "ipt-compare",
        {"serial": "my heat.c", "supplementalFiles": "grid.h grid.c", "counts": "1 2"}
        | compilers,
    )

    assert ended.code == 0, ended.err
    assert ended.file("compare/serial.out") == "0 2\n"
    assert ended.file("compare/2.out") == "2 2\n"
    first = "gcc -lm ./my\\ heat.c ./grid.c -o ./compare/serial.run -lm"
    assert ended.out.splitlines()[0] == first


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("which", ["serial", "parallel"])
def test_compare_compile_error(run_app: Any, bench: Any, which: str) -> None:
    """Nothing is compared where one of the programs does not compile."""
    bench.put("bad.c", "int main(void) { return x; }\n")

    ended = run_app("ipt-compare", FIRST | {which: "bad.c", f"{which}Compile": "gcc"})

    assert (ended.code, ended.file("IPT_EXIT_CODE")) == (1, "1\n")
    assert "./bad.c:1:25: error: " in ended.err
    assert ended.table() == []


@pytest.mark.needs("openmpi")
def test_compare_mpi(run_app: Any) -> None:
    """A launcher of MPI starts each count of ranks."""
    values = {"launcher": "mpirun --oversubscribe -np {ranks}", "counts": "1 2"}

    ended = run_app("ipt-compare", FIRST | values)

    assert ended.code == 0, ended.err
    assert ended.file("compare/1.out") == "1 a b\n"
    assert ended.file("compare/2.out") == "1 a b\n" * 2

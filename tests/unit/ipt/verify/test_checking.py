"""The whole check, with real compilers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ipt.errors import IptError, SourceError
from ipt.verify import (
    Comparison,
    Limits,
    RaceCheck,
    RaceState,
    Request,
    Status,
    Verification,
    verify,
)
from ipt.verify.races import Race, find_races, read_races
from ipt.verify.running import Runner

if TYPE_CHECKING:
    from pathlib import Path

SERIAL = """#include <stdio.h>
int main(int argc, char **argv) {
  double sum = 0;
  for (int i = 1; i <= 1000; i++)
    sum += 1.0 / i;
  printf("%s %.15f\\n", argc > 1 ? argv[1] : "-", sum);
  return 0;
}
"""
PARALLEL = SERIAL.replace(
    "  for", "  #pragma omp parallel for reduction(+: sum)\n  for"
)
WRONG = SERIAL.replace("  for", "  #pragma omp parallel for lastprivate(sum)\n  for")
RACY = """#include <stdio.h>
static int sum;
int main(void) {
  #pragma omp parallel for
  for (int i = 0; i < 100000; i++)
    sum += i % 7;
  printf("%d\\n", sum > 0);
  return 0;
}
"""


def check(
    folder: Path, serial: str, parallel: str, suffix: str = ".c", **named: object
) -> Verification:
    """Verify two programs."""
    one, other = folder / f"serial{suffix}", folder / f"parallel{suffix}"
    one.write_text(serial)
    other.write_text(parallel)
    settings: dict[str, object] = {"threads": (1, 2), "detects_races": False, **named}
    request = Request((one,), (other,), **settings)  # type: ignore[arg-type]  # any setting
    return verify(request, os.environ, lambda _: None)


@pytest.mark.needs("gcc")
def test_right_program_is_the_same(tmp_path: Path) -> None:
    """Other last digits of a sum are no difference."""
    found = check(tmp_path, SERIAL, PARALLEL, arguments=("word",), repeats=2)

    assert found.status is Status.SAME
    assert found.difference is None
    assert [each.threads for each in found.results] == [1, 2]
    assert all(each.speed_up > 0 for each in found.results)
    assert found.races == RaceCheck(RaceState.UNAVAILABLE, "It was switched off.")
    assert found.to_json()["status"] == "same"


@pytest.mark.needs("gcc")
def test_wrong_program_differs(tmp_path: Path) -> None:
    """The first line that differs is shown with both texts."""
    found = check(tmp_path, SERIAL, WRONG, threads=(2,))

    assert found.status is Status.DIFFERS
    assert found.difference is not None
    threads, where = found.difference
    assert (threads, where.what, where.line) == (2, "output", 1)
    assert where.serial == "- 7.485470860550343"


@pytest.mark.needs("gcc")
def test_crash_of_the_parallel_program_is_a_difference(tmp_path: Path) -> None:
    """The signal is named."""
    crash = SERIAL.replace("double sum = 0;", "double sum = 0; __builtin_trap();")
    found = check(tmp_path, SERIAL, crash, threads=(1,))

    assert found.status is Status.DIFFERS
    assert found.difference is not None
    assert found.difference[1].parallel.startswith("ended by SIG")


@pytest.mark.needs("gcc")
def test_crash_of_the_serial_program_leaves_nothing_to_compare(tmp_path: Path) -> None:
    """The parallel one is not even run."""
    crash = SERIAL.replace(
        "double sum = 0;",
        'double sum = 0; fprintf(stderr, "bad\\n"); __builtin_trap();',
    )
    found = check(tmp_path, crash, SERIAL)

    assert found.status is Status.UNDECIDED
    assert "The serial program was ended by SIG" in found.problem
    assert found.problem.endswith(": bad")
    assert found.results == ()


@pytest.mark.needs("gcc")
def test_serial_program_that_varies_leaves_nothing_to_compare(tmp_path: Path) -> None:
    """Such a program would seem to differ from itself."""
    text = (
        "#include <stdio.h>\n#include <unistd.h>\n"
        'int main(void) { printf("%d\\n", getpid()); }\n'
    )
    found = check(tmp_path, text, text)

    assert found.status is Status.UNDECIDED
    assert "does not do the same each time (output, line 1" in found.problem
    assert "--ignore" in found.problem


@pytest.mark.needs("gcc")
def test_program_that_does_not_end_is_undecided(tmp_path: Path) -> None:
    """The limit, and how to raise it, are said."""
    endless = SERIAL.replace("return 0;", "for (volatile int x = 1; x;) ;")
    found = check(tmp_path, SERIAL, endless, limits=Limits(seconds=0.3), threads=(1,))
    serial = check(tmp_path, endless, SERIAL, limits=Limits(seconds=0.3))

    assert found.status is Status.UNDECIDED
    assert "With 1 thread the parallel program did not end within 0.3" in found.problem
    assert "--time-limit" in found.problem
    assert serial.problem.startswith("The serial program did not end within")


@pytest.mark.needs("gcc")
def test_program_that_writes_too_much_is_undecided(tmp_path: Path) -> None:
    """As with time."""
    text = (
        '#include <stdio.h>\nint main(void) { for (;;) puts("yyyyyyyyyyyyyyyyyy"); }\n'
    )
    found = check(tmp_path, text, text, limits=Limits(10, 1024 * 1024))

    assert "wrote more than 1 MiB" in found.problem


@pytest.mark.needs("gcc")
def test_program_that_does_not_compile_is_refused(tmp_path: Path) -> None:
    """The compiler's words are shown, not all of them."""
    with pytest.raises(SourceError, match="does not compile with gcc") as caught:
        check(tmp_path, SERIAL, "".join(f"x{n} y;\n" for n in range(30)))

    assert "error:" in caught.value.message
    assert "more lines." in caught.value.message


def test_unknown_compiler_is_refused(tmp_path: Path) -> None:
    """With the way out."""
    with pytest.raises(IptError, match=r"nosuchcc is not installed.*--compiler"):
        check(tmp_path, SERIAL, PARALLEL, compiler="nosuchcc")


def test_file_of_another_language_is_refused(tmp_path: Path) -> None:
    """Before anything is built."""
    with pytest.raises(SourceError, match="neither C"):
        check(tmp_path, SERIAL, PARALLEL, suffix=".f90")


@pytest.mark.needs("gcc", "clang")
def test_other_compiler_input_and_options_are_used(tmp_path: Path) -> None:
    """The program reads its input, and sees the macro."""
    (tmp_path / "in").write_text("5\n")
    text = (
        "#include <stdio.h>\n"
        'int main(void) { int n; scanf("%d", &n); printf("%d\\n", n * K); }\n'
    )
    found = check(
        tmp_path,
        text,
        text.replace("n * K", "35"),
        compiler="clang-19",
        options=("-DK=7",),
        stdin=tmp_path / "in",
        threads=(2,),
    )

    assert found.status is Status.SAME


@pytest.mark.needs("gcc")
def test_serial_program_may_ask_for_the_time(tmp_path: Path) -> None:
    """It is linked with OpenMP where it includes its header."""
    text = "#include <omp.h>\nint main(void) { return omp_get_wtime() < 0; }\n"
    found = check(tmp_path, text, text, threads=(1,))

    assert found.status is Status.SAME


@pytest.mark.needs("gcc")
def test_cpp_and_c_are_built_together(tmp_path: Path) -> None:
    """Each file is compiled as what its suffix says."""
    (tmp_path / "part.c").write_text("int twice(int class) { return 2 * class; }\n")
    main = tmp_path / "main.cc"
    main.write_text(
        '#include <iostream>\nextern "C" int twice(int);\n'
        'int main() { std::cout << twice(4) << "\\n"; }\n'
    )
    files = (main, tmp_path / "part.c")
    request = Request(files, files, threads=(1,), detects_races=False)

    assert verify(request, os.environ, lambda _: None).status is Status.SAME


@pytest.mark.needs("gcc", "tsan")
def test_race_is_found_with_its_lines(tmp_path: Path) -> None:
    """Though the output is the same by luck."""
    found = check(tmp_path, RACY.replace("#pragma", "//"), RACY, detects_races=True)

    assert found.status is Status.RACE
    race = found.races.races[0]
    assert race.variable.endswith("sum")
    assert ("parallel.c", 6) in {(name, line) for _, name, line in race.accesses}
    assert race.text.startswith(f"data race on {race.variable}: ")


@pytest.mark.needs("gcc", "tsan")
def test_no_race_is_found_in_a_right_program(tmp_path: Path) -> None:
    """Barriers and reductions are understood."""
    found = check(tmp_path, SERIAL, PARALLEL, detects_races=True)

    assert found.races == RaceCheck(RaceState.NONE)
    assert found.status is Status.SAME


def watched(
    folder: Path, text: str, environ: dict[str, str], seconds: float
) -> RaceCheck:
    """Run the race detector alone."""
    source = folder / "p.c"
    source.write_text(text)
    with Runner(environ) as runner:
        return find_races(runner, [source], [], Limits(seconds), threads=2)


@pytest.mark.needs("tsan")
def test_race_check_that_does_not_end_is_no_proof(tmp_path: Path) -> None:
    """It says so instead of calling the program right."""
    endless = "int main(void) { for (volatile int x = 1; x;) ; }\n"
    crash = "int main(void) { __builtin_trap(); }\n"

    late = watched(tmp_path, endless, dict(os.environ), 0.5)
    early = watched(tmp_path, crash, dict(os.environ), 20)

    assert late.state is RaceState.UNFINISHED
    assert "did not end in time" in late.reason
    assert early.state is RaceState.UNFINISHED
    assert "stopped early" in early.reason


@pytest.mark.needs("tsan")
def test_program_that_clang_refuses_is_not_watched(tmp_path: Path) -> None:
    """What GCC alone understands is not called wrong."""
    found = watched(tmp_path, "#error no\n", dict(os.environ), 20)

    assert found.state is RaceState.UNAVAILABLE
    assert "does not compile" in found.reason


def test_missing_race_detector_is_said(tmp_path: Path) -> None:
    """Without Clang, or without Archer, nothing is run."""
    without = watched(tmp_path, RACY, {"PATH": "/nowhere"}, 20)
    fake = tmp_path / "clang"
    fake.write_text("#!/bin/sh\necho libarcher.so\n")
    fake.chmod(0o755)
    lacking = watched(tmp_path, RACY, {"PATH": f"{tmp_path}"}, 20)

    assert without.state is lacking.state is RaceState.UNAVAILABLE
    assert "Clang is not installed" in without.reason
    assert "has no libarcher.so" in lacking.reason


REPORT = """==================
WARNING: ThreadSanitizer: data race (pid=1)
  Write of size 4 at 0x1 by thread T1:
    #0 add /home/me/util.h:3:5 (program+0x1) (BuildId: a)
    #1 main.omp_outlined /home/me/p.c:6:9 (program+0x2)

  Previous read of size 4 at 0x1 by main thread:
    #0 main.omp_outlined /home/me/p.c:7:9 (program+0x3)

  Location is global 'sum' of size 4 at 0x1 (program+0x4)
==================
==================
WARNING: ThreadSanitizer: data race (pid=1)
  Previous read of size 4 at 0x1 by main thread:
    #0 main.omp_outlined /home/me/p.c:7:9 (program+0x3)

  Write of size 4 at 0x1 by thread T1:
    #0 main.omp_outlined /home/me/p.c:6:9 (program+0x2)

  Location is global 'sum' of size 4 at 0x1 (program+0x4)
==================
WARNING: ThreadSanitizer: data race (pid=1)
  Write of size 8 at 0x2 by thread T1:
    #0 fill /home/me/p.c:9:9 (program+0x2)
  Location is heap block of size 80 at 0x2
==================
WARNING: ThreadSanitizer: data race (pid=1)
  Write of size 8 at 0x2 by thread T1:
    #0 memcpy <null> (libc+0x2)
==================
"""


def test_report_is_read_at_the_users_own_lines() -> None:
    """Each pair of places counts once; frames in other files are passed over."""
    found = read_races(REPORT, ["p.c"])

    assert found == (
        Race("sum", (("write", "p.c", 6), ("read", "p.c", 7))),
        Race("", (("write", "p.c", 9),)),
    )
    assert found[1].text == "data race: write in p.c, line 9, by different threads."
    assert RaceCheck(RaceState.FOUND, races=found).to_json()["races"] == [
        {
            "variable": "sum",
            "accesses": [
                {"kind": "write", "file": "p.c", "line": 6},
                {"kind": "read", "file": "p.c", "line": 7},
            ],
        },
        {"variable": "", "accesses": [{"kind": "write", "file": "p.c", "line": 9}]},
    ]


def test_variable_without_a_name_is_not_named() -> None:
    """The detector writes `??` for one on the stack of another thread."""
    (found,) = read_races(REPORT.replace("'sum'", "'??'"), ["p.c"])[:1]

    assert found.text == (
        "data race: write in p.c, line 6 and read in p.c, line 7, by different threads."
    )


@pytest.mark.needs("gcc")
def test_each_step_is_told(tmp_path: Path) -> None:
    """A check takes its time, so it says what it does."""
    path = tmp_path / "p.c"
    path.write_text(SERIAL)
    told: list[str] = []
    request = Request(
        (path,), (path,), threads=(1,), rules=Comparison(), detects_races=False
    )
    verify(request, os.environ, told.append)

    assert told == [
        "Building both programs.",
        "Running the serial program.",
        "Running the parallel program with 1 thread.",
    ]

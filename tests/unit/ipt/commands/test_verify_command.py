"""`ipt verify`: command line, what it shows, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ipt.testing.commands import run_command

if TYPE_CHECKING:
    from pathlib import Path

SERIAL = """#include <stdio.h>
int main(int argc, char **argv) {
  int c = getchar();
  printf("%d %c\\n", argc, c < 0 ? '-' : c);
  printf("x 1e-17\\n");
  return 0;
}
"""
FAST = ["--threads", "1", "--no-races"]


@pytest.fixture(name="here")
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.c").write_text(SERIAL)
    (tmp_path / "b.c").write_text(SERIAL)
    (tmp_path / "c.c").write_text(SERIAL.replace("1e-17", "3e-17"))
    return tmp_path


@pytest.mark.needs("gcc")
def test_same_programs_end_with_zero(here: Path) -> None:
    """A table shows each number of threads."""
    result = run_command("verify", "a.c", "b.c", "--threads", "1,2", "--no-races")
    rows = [line.split() for line in result.out.splitlines()]

    assert here.exists()
    assert result.code == 0, result.err
    assert rows[1] == ["threads", "seconds", "speed-up", "output"]
    assert [row[0] for row in rows[2:5]] == ["serial", "1", "2"]
    assert "too short for its speed-up" in result.out
    assert "No race detector: It was switched off." in result.out
    assert "Building both programs." in result.err


@pytest.mark.needs("gcc")
def test_difference_ends_with_six(here: Path) -> None:
    """The line and both texts are shown, and a way out where there is one."""
    result = run_command("verify", "a.c", "c.c", *FAST)

    assert here.exists()
    assert result.code == 6
    assert "First difference, with 1 thread: output, line 2" in result.out
    assert "  serial:   x 1e-17\n  parallel: x 3e-17\n" in result.out
    assert "--absolute 4e-17 accepts that." in result.out
    assert "The parallel program is wrong" in result.out
    again = run_command("verify", "a.c", "c.c", *FAST, "--absolute", "4e-17")
    assert again.code == 0


@pytest.mark.needs("gcc", "tsan")
def test_race_ends_with_seven(here: Path) -> None:
    """Its lines in the user's file are named."""
    (here / "r.c").write_text(
        "static int sum;\nint main(void) {\n#pragma omp parallel for\n"
        "  for (int i = 0; i < 100000; i++)\n    sum += i % 7;\n"
        "  return sum == 0;\n}\n"
    )
    result = run_command("verify", "r.c", "r.c", "--threads", "2")

    assert result.code == 7, result.out
    assert "data race on sum: " in result.out
    assert "r.c, line 5" in result.out
    assert "threads meet in memory" in result.out


@pytest.mark.needs("gcc", "tsan")
def test_no_race_is_said(here: Path) -> None:
    """Where the detector ran and saw nothing."""
    result = run_command("verify", "a.c", "b.c", "--threads", "1")

    assert here.exists()
    assert "and no data race was seen." in result.out


@pytest.mark.needs("gcc")
def test_what_cannot_be_judged_ends_with_eight(here: Path) -> None:
    """With the reason and the way out."""
    (here / "e.c").write_text("int main(void) { for (volatile int x = 1; x;) ; }\n")
    result = run_command("verify", "a.c", "e.c", *FAST, "--time-limit", "0.3")

    assert result.code == 8
    assert "did not end within 0.3 seconds" in result.out
    assert "It could not be judged." in result.out


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signal_ends_all_and_leaves_nothing(here: Path, number: signal.Signals) -> None:
    """Whoever closes the terminal need not tidy up."""
    (here / "e.c").write_text(
        "#include <stdio.h>\n"
        f'int main(void) {{ fclose(fopen("{here}/begun", "w")); for (;;) ; }}\n'
    )
    (here / "tmp").mkdir()
    check = subprocess.Popen(
        [sys.executable, "-m", "ipt", "verify", "e.c", "e.c"],
        env={**os.environ, "TMPDIR": str(here / "tmp")},
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 30
    while not (here / "begun").exists() and time.monotonic() < until:
        time.sleep(0.02)
    check.send_signal(number)
    _, errors = check.communicate(timeout=30)

    assert check.returncode == 128 + number, errors
    assert b"Traceback" not in errors
    assert list((here / "tmp").iterdir()) == []


@pytest.mark.needs("gcc")
def test_arguments_input_and_data_reach_the_programs(here: Path) -> None:
    """What stands behind `--` is the program's, also if it looks like an option."""
    (here / "in").write_text("z")
    result = run_command(
        *("verify", "a.c", "c.c", *FAST, "--input", "in", "--data", "in"),
        *("--ignore", "^x ", "--json", "--", "-x", "--json"),
    )
    record = json.loads(result.out)

    assert result.code == 0
    assert (record["schema"], record["version"]) == ("ipt-verification", 1)
    assert record["status"] == "same"
    assert record["races"]["state"] == "unavailable"
    assert record["runs"][0]["threads"] == 1
    assert record["runs"][0]["difference"] is None


@pytest.mark.needs("gcc")
def test_unordered_lines_are_an_option(here: Path) -> None:
    """The hint names it."""
    (here / "d.c").write_text(
        '#include <stdio.h>\nint main(void) { puts("b"); puts("a"); }\n'
    )
    (here / "e.c").write_text(
        '#include <stdio.h>\nint main(void) { puts("a"); puts("b"); }\n'
    )
    strict = run_command("verify", "d.c", "e.c", *FAST)
    loose = run_command("verify", "d.c", "e.c", *FAST, "--unordered")

    assert strict.code == 6
    assert "--unordered accepts that." in strict.out
    assert loose.code == 0


@pytest.mark.needs("gcc")
def test_programs_of_several_files_have_two_spellings(here: Path) -> None:
    """Halves of a list, or named lists."""
    (here / "m.c").write_text("int f(void);\nint main(void) { return f(); }\n")
    (here / "f.c").write_text("int f(void) { return 0; }\n")
    halves = run_command("verify", "m.c", "f.c", "m.c", "f.c", *FAST)
    named = run_command(
        "verify", "--serial", "m.c", "f.c", "--parallel", "m.c", "f.c", *FAST
    )

    assert (halves.code, named.code) == (0, 0)


@pytest.mark.needs("gcc")
def test_program_that_does_not_compile_ends_with_three(here: Path) -> None:
    """As everywhere in ipt."""
    (here / "bad.c").write_text("int main(void) { return }\n")
    result = run_command("verify", "a.c", "bad.c", *FAST)

    assert result.code == 3
    assert "bad.c: it does not compile with gcc" in result.err


@pytest.mark.needs("gcc")
def test_control_characters_do_not_reach_the_terminal(here: Path) -> None:
    """A program's output cannot steer the terminal that shows it."""
    (here / "x.c").write_text(SERIAL.replace("x 1e-17", "\\033[2J"))
    result = run_command("verify", "a.c", "x.c", *FAST)

    assert result.code == 6
    assert "\033" not in result.out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Name a serial and a parallel program"),
        (["--serial", "a.c"], 2, "Name a serial and a parallel program"),
        (["a.c", "b.c", "c.c"], 2, "Name as many parallel files as serial ones"),
        (["a.c", "b.c", "--serial", "c.c"], 2, "or plainly"),
        (["a.c", "gone.c"], 3, "gone.c: No such file"),
        (["a.c", "b.c", "--input", "gone"], 2, "gone: there is no such file"),
        (["a.c", "b.c", "--input", "."], 2, "is a folder; --input takes a file"),
        (["a.c", "b.c", "--data", "gone"], 2, "gone: there is no such file"),
        (["a.c", "b.c", "--compiler", "nocc"], 2, "nocc is not installed"),
    ],
)
def test_misuse_is_refused_with_the_way_out(
    here: Path, arguments: list[str], code: int, message: str
) -> None:
    """Before anything is run."""
    result = run_command("verify", *arguments)

    assert here.exists()
    assert result.code == code
    assert message in result.err


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--threads", "0", "is not a number from 1 on"),
        ("--threads", "1,x", "is not a number from 1 on"),
        ("--threads", "5000", "at most 1024 threads"),
        ("--repeats", "-1", "is not a number from 1 on"),
        ("--tolerance", "much", "is not a number from 0 on"),
        ("--tolerance", "inf", "is not a number from 0 on"),
        ("--absolute", "-1", "is not a number from 0 on"),
        ("--time-limit", "0", "must be more than 0"),
        ("--ignore", "(", "is not a regular expression"),
    ],
)
def test_value_that_does_not_fit_is_refused(
    option: str, value: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Argparse names the option."""
    with pytest.raises(SystemExit) as caught:
        run_command("verify", "a.c", "b.c", f"{option}={value}")

    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert option in said
    assert message in said

"""The command: streams, files, exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from ipt.cli import Terminal, run

if TYPE_CHECKING:
    from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = """#define N 5000
static int a[N];
int main(void) {
  for (int i = 0; i < N; i++)
    a[i] = i;
  return a[7] - 7;
}
"""
SERIAL = (
    "int f(int n, int *a) {\nfor (int i = 1; i < n; i++)\na[i] = a[i-1];\nreturn 0; }\n"
)


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Tell that somebody is watching."""
        return True


class Result:
    """One run of the command."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


@pytest.fixture(name="here")
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.c").write_text(PROGRAM)
    return tmp_path


def ipt(*arguments: str, typed: str = "", screen: bool = False) -> Result:
    """Run `ipt parallelize` in this process."""
    stream = Screen if screen else io.StringIO
    terminal = Terminal(stream(typed), stream(), io.StringIO(), {"HOME": "/"})
    code = run(["parallelize", *arguments], terminal)
    assert isinstance(terminal.stdout, io.StringIO)
    assert isinstance(terminal.stderr, io.StringIO)
    return Result(code, terminal.stdout.getvalue(), terminal.stderr.getvalue())


def test_answers_come_from_a_pipe(here: Path) -> None:
    """One answer a line; the result is written under the known name."""
    result = ipt("p.c", typed="2\nmain\ny\n1\nn\n")

    assert result.code == 0, result.err
    assert "#pragma omp parallel for" in (here / "p_omp.c").read_text()
    assert (here / "p.c").read_text() == PROGRAM
    assert "Written: p_omp.c" in result.out
    assert "gcc -fopenmp -O2 p_omp.c -o p_omp" in result.out
    assert "Answer [2]: 2\n" in result.out


def test_wrong_answers_are_asked_again_with_the_reason(here: Path) -> None:
    """A transcript shows what was wrong."""
    result = ipt("p.c", typed="1\n9\n2\nmain\nperhaps\ny\n\n\n")

    assert result.code == 0
    assert "MPI is not available yet in this version of ipt" in result.out
    assert "'9' is not one of the choices" in result.out
    assert "'perhaps' is neither yes nor no" in result.out
    assert (here / "p_omp.c").exists()


def test_question_mark_explains(here: Path) -> None:
    """The question is asked again after its explanation."""
    result = ipt("p.c", typed="?\n2\n?\n\n\n\n\n")

    assert result.code == 0
    assert "CUDA runs loops on an NVIDIA GPU" in result.out
    assert "back returns to the question" in result.out
    assert here.exists()


def test_back_asks_the_question_before_again(here: Path) -> None:
    """Also from an answer of the file; at the first question it says so."""
    result = ipt("p.c", typed="back\n2\nback\n2\nmain\nn\n")

    assert result.code == 1
    assert "This is the first question." in result.out
    assert result.out.count("Which kind of parallel program") + 1 == 3
    assert not (here / "p_omp.c").exists()


def test_end_of_input_stops_and_keeps_the_answers(here: Path) -> None:
    """Nothing is written but the answers, where asked for."""
    result = ipt("p.c", "--save-answers", "kept.json", typed="2\nmain\n")

    assert result.code == 5
    assert "The input ended at question 'main.loop1'" in result.err
    assert json.loads((here / "kept.json").read_text()) == {
        "model": "openmp",
        "function": "main",
    }
    assert not (here / "p_omp.c").exists()


def test_quit_stops_and_keeps_the_answers(here: Path) -> None:
    """Quitting is no fault of the program."""
    result = ipt("p.c", "--save-answers", "kept.json", typed="2\nQUIT\n")

    assert result.code == 5
    assert "answers kept in kept.json" in result.err
    assert "openmp" in (here / "kept.json").read_text()


def test_quit_without_a_file_tells_how_to_go_on(here: Path) -> None:
    """The answers are shown, ready to be kept."""
    result = ipt("p.c", typed="2\nmain\nquit\n")

    assert result.code == 5
    assert "to go on from here another time" in result.err
    kept = result.err.strip().splitlines()[-1]
    assert json.loads(kept) == {"model": "openmp", "function": "main"}
    (here / "kept.json").write_text(kept)
    again = ipt("p.c", "--answers", "kept.json", typed="y\n\n\n")
    assert again.code == 0, again.err


def test_quit_at_once_keeps_nothing(here: Path) -> None:
    """There are no answers to keep."""
    result = ipt("p.c", "--save-answers", "kept.json", typed="quit\n")

    assert result.code == 5
    assert not (here / "kept.json").exists()


def test_answers_that_cannot_be_kept_are_a_fault(here: Path) -> None:
    """The reason is shown."""
    result = ipt("p.c", "--save-answers", "no/such/kept.json", typed="2\nquit\n")

    assert result.code == 4
    assert "No such file" in result.err
    assert here.exists()


def test_ctrl_c_stops(here: Path) -> None:
    """Answers so far are kept; the exit code is the shell's."""

    def typed() -> Iterator[str]:
        yield "2\n"
        raise KeyboardInterrupt

    lines = typed()

    class Interrupted(io.StringIO):
        def readline(self, *_: object) -> str:  # type: ignore[override]
            return next(lines)

    terminal = Terminal(Interrupted(), io.StringIO(), io.StringIO(), {})
    code = run(["parallelize", "p.c", "--save-answers", "kept.json"], terminal)

    assert code == 130
    assert json.loads((here / "kept.json").read_text()) == {"model": "openmp"}


def test_yes_takes_all_defaults_and_saves_them(here: Path) -> None:
    """The saved answers lead to the same program again."""
    first = ipt("p.c", "--yes", "--save-answers", "kept.json", "-o", "one.c")
    second = ipt("p.c", "--answers", "kept.json", "-o", "two.c")

    assert (first.code, second.code) == (0, 0)
    assert (here / "one.c").read_bytes() == (here / "two.c").read_bytes()


def test_answers_that_are_not_needed_are_named(here: Path) -> None:
    """A stale file does not go unnoticed."""
    (here / "kept.json").write_text('{"gone.loop1": "yes"}')
    result = ipt("p.c", "--answers", "kept.json", "--yes")

    assert result.code == 0
    assert "These answers were not needed: gone.loop1." in result.out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", "answers are an object"),
        ("{", "this is not JSON"),
        ('{"model": 2}', "the answer to 'model' must be a string"),
        ('{"model": "fortran"}', "The answer to 'model' cannot be used"),
        ("[" * 5000, "this is not JSON"),
        (" " * 1_000_001, "never that large"),
    ],
)
def test_unusable_answers_file_is_refused(
    here: Path, content: str, message: str
) -> None:
    """Nothing is asked or written."""
    (here / "kept.json").write_text(content)
    result = ipt("p.c", "--answers", "kept.json")

    assert result.code == 4
    assert message in result.err


def test_missing_answers_file_is_refused(here: Path) -> None:
    """The file is named."""
    result = ipt("p.c", "--answers", "gone.json")

    assert result.code == 4
    assert "gone.json: No such file" in result.err
    assert here.exists()


def test_diff_shows_the_change_and_writes_nothing(here: Path) -> None:
    """Only what is inserted begins with a plus."""
    result = ipt("p.c", "--yes", "--diff")

    plus = [line for line in result.out.splitlines() if line.startswith("+")]

    assert result.code == 0
    assert plus == [
        "+++ p_omp.c",
        "+  #pragma omp parallel for default(none) shared(a)",
    ]
    assert [each.name for each in here.iterdir()] == ["p.c"]


def test_diff_with_an_output_writes_too(here: Path) -> None:
    """Both are wanted then."""
    result = ipt("p.c", "--yes", "--diff", "-o", "q.c")

    assert result.code == 0
    assert (here / "q.c").exists()
    assert "--- p.c" in result.out


def test_input_is_never_overwritten(here: Path) -> None:
    """Not even under another name of the same file."""
    (here / "link.c").symlink_to(here / "p.c")
    result = ipt("p.c", "--yes", "-o", "link.c")

    assert result.code == 2
    assert "is the input, which ipt never changes" in result.err
    assert (here / "p.c").read_text() == PROGRAM


def test_output_that_cannot_be_written_is_reported(here: Path) -> None:
    """With the system's reason."""
    result = ipt("p.c", "--yes", "-o", "no/such/q.c")

    assert result.code == 2
    assert "No such file" in result.err
    assert here.exists()


def test_nothing_to_parallelize_is_its_own_code(here: Path) -> None:
    """The reasons are shown, nothing is written."""
    (here / "s.c").write_text(SERIAL)
    result = ipt("s.c", "--yes")

    assert result.code == 1
    assert "IPT301 line 3" in result.out
    assert "→ Look for a loop" in result.out
    assert "No loop was parallelized" in result.out
    assert not (here / "s_omp.c").exists()


def test_missing_input_is_reported(here: Path) -> None:
    """With the system's reason."""
    result = ipt("gone.c")

    assert result.code == 3
    assert "ipt: gone.c: No such file" in result.err
    assert here.exists()


def test_compile_error_is_reported(here: Path) -> None:
    """With place and caret, before any question."""
    (here / "bad.c").write_text("int main(void) { return }\n")
    result = ipt("bad.c")

    assert result.code == 3
    assert "bad.c:1:25: error: expected expression" in result.err
    assert "Which kind" not in result.out


def test_warnings_are_shown_before_the_first_question(here: Path) -> None:
    """As the compiler puts them."""
    (here / "w.c").write_text(PROGRAM.replace("- 7;", "/ 0;"))
    result = ipt("w.c", typed="quit\n")

    assert "warning: division by zero" in result.out.split("Which kind")[0]


def test_compiler_options_are_passed_on(here: Path) -> None:
    """They also appear in the command that is shown."""
    (here / "own").mkdir()
    (here / "own" / "own.h").write_text("#define M 5000\n")
    (here / "o.c").write_text(
        "#include <own.h>\nstatic int a[M];\nint main(void) {\n"
        "for (int i = 0; i < K; i++)\na[i] = i;\nreturn 0;\n}\n"
    )
    result = ipt("o.c", "--yes", "-I", "own", "-DK=4000", "-std=c99")

    assert result.code == 0, result.err
    assert "gcc -fopenmp -O2 -Iown -DK=4000 -std=c99 o_omp.c" in result.out


def test_cpp_program_gets_the_cpp_compiler(here: Path) -> None:
    """The command follows the language."""
    (here / "p.cc").write_text(PROGRAM.replace("#define", "#include <cmath>\n#define"))
    result = ipt("p.cc", "--yes")

    assert result.code == 0, result.err
    assert "g++ -fopenmp -O2 p_omp.cc -o p_omp -lm" in result.out


def test_terminal_gets_colours_and_hints(here: Path) -> None:
    """Colours are for terminals; answers are not echoed there."""
    shown = ipt("p.c", typed="\n\n\n\n\n", screen=True)
    plain = ipt("p.c", typed="\n\n\n\n\n")

    assert "\033[32m" in shown.out
    assert "Enter takes the answer in brackets" in shown.out
    assert "\033" not in plain.out
    assert here.exists()


def test_control_characters_of_a_program_do_not_reach_the_terminal(here: Path) -> None:
    """Text of the program cannot steer the terminal that shows it."""
    (here / "x.c").write_text(PROGRAM.replace("= i;", "= i; /* \033[2J */", 1))
    result = ipt("x.c", "--yes")

    assert result.code == 0
    assert "\033" not in result.out


@pytest.mark.parametrize("arguments", [[], ["parallelize"], ["frobnicate"]])
def test_wrong_use_shows_how(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Argparse ends with code 2."""
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), {})
    with pytest.raises(SystemExit) as caught:
        run(arguments, terminal)

    assert caught.value.code == 2
    assert "usage: ipt" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is that of the installed package."""
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), {})
    with pytest.raises(SystemExit) as caught:
        run(["--version"], terminal)

    assert caught.value.code == 0
    assert capsys.readouterr().out == f"ipt {metadata.version('ipt-on-the-web')}\n"


def test_reader_that_goes_away_is_no_fault(here: Path) -> None:
    """`ipt … | head` ends quietly."""

    class Closed(io.StringIO):
        def write(self, text: str, /) -> int:
            del text
            raise BrokenPipeError

    terminal = Terminal(io.StringIO(), Closed(), io.StringIO(), {})

    assert run(["parallelize", "p.c"], terminal) == 5
    assert here.exists()


def test_module_and_command_are_the_same(here: Path) -> None:
    """`python -m ipt` works in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "ipt", "parallelize", "p.c", "--yes"],
        capture_output=True,
        text=True,
        check=False,
        cwd=here,
    )

    assert done.returncode == 0, done.stderr
    assert "Written: p_omp.c" in done.stdout

"""Help, completion, and how fast they come."""

from __future__ import annotations

import io
import subprocess
import sys
import time

import pytest

from ipt.cli import Terminal, run
from ipt.testing.commands import run_command

COMMANDS = ("parallelize", "analyze", "verify", "completion")


def test_help_names_every_command_and_gives_examples(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A newcomer sees what to type first."""
    with pytest.raises(SystemExit) as caught:
        run_command("--help")
    shown = capsys.readouterr().out

    assert caught.value.code == 0
    assert all(f"\n    {name} " in shown for name in COMMANDS)
    assert "ipt parallelize heat.c --auto" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_examples(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines fit a terminal."""
    with pytest.raises(SystemExit) as caught:
        run_command(name, "--help")
    shown = capsys.readouterr().out

    assert caught.value.code == 0
    assert "example" in shown
    assert max(map(len, shown.splitlines())) <= 88


def test_help_comes_at_once() -> None:
    """Neither Clang nor isl is loaded for it."""
    code = (
        "import sys\nfrom ipt.cli import main\nsys.argv = ['ipt', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "assert not {'clang', 'islpy', 'ipt.analysis'} & set(sys.modules)\n"
    )
    times = []
    for _ in range(3):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=False
        )
        times.append(time.monotonic() - began)
        assert done.returncode == 0, done.stderr

    assert min(times) < 1.0


def test_completion_knows_commands_and_options() -> None:
    """The script is bash's own language, and its answers are right."""
    script = run_command("completion").out
    checks = (
        "COMP_WORDS=(ipt ver) COMP_CWORD=1; _ipt; echo ${COMPREPLY[@]}\n"
        "COMP_WORDS=(ipt verify --no) COMP_CWORD=2; _ipt; echo ${COMPREPLY[@]}\n"
        "COMP_WORDS=(ipt analyze he) COMP_CWORD=2; COMPREPLY=(); _ipt\n"
        "echo ${#COMPREPLY[@]}\n"
        "COMP_WORDS=(ipt gone --v) COMP_CWORD=2; _ipt; echo ${COMPREPLY[@]}\n"
    )
    done = subprocess.run(
        ["bash", "-euc", script + checks], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.stdout.split() == ["verify", "--no-races", "0", "--version"]


def test_ctrl_c_outside_of_a_dialogue_ends_quietly() -> None:
    """No trace is shown."""

    class Interrupted(io.StringIO):
        def write(self, text: str, /) -> int:
            del text
            raise KeyboardInterrupt

    errors = io.StringIO()
    terminal = Terminal(io.StringIO(), Interrupted(), errors, {})

    assert run(["completion"], terminal) == 130
    assert errors.getvalue() == "\nipt: Stopped.\n"


def test_fault_of_ipt_is_told_apart() -> None:
    """The trace is for the report; the exit code says whose fault it is."""

    class Broken(io.StringIO):
        def write(self, text: str, /) -> int:
            raise ZeroDivisionError(text[:1])

    errors = io.StringIO()
    code = run(["completion"], Terminal(io.StringIO(), Broken(), errors, {}))

    assert code == 70
    assert "ZeroDivisionError" in errors.getvalue()
    assert "This is a fault of ipt, not of your program." in errors.getvalue()

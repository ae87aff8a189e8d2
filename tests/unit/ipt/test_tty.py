"""The command on a real terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pexpect
import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """int a[5000];
int main(void) {
  for (int i = 0; i < 5000; i++)
    a[i] = i;
  return 0;
}
"""


@pytest.fixture(name="child")
def _child(tmp_path: Path) -> pexpect.spawn[str]:
    (tmp_path / "p.c").write_text(PROGRAM)
    return pexpect.spawn(
        sys.executable,
        ["-m", "ipt", "parallelize", "p.c"],
        cwd=str(tmp_path),
        encoding="utf-8",
        timeout=30,
        dimensions=(24, 60),
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8"},
    )


def test_person_answers_on_a_terminal(
    child: pexpect.spawn[str], tmp_path: Path
) -> None:
    """Typing answers leads to the parallel program; lines fit the width."""
    began = time.monotonic()
    child.expect("Which kind of parallel program")
    assert time.monotonic() - began < 10
    child.expect(r"Answer \[2\]: ")
    child.sendline("1")
    child.expect("MPI is not available yet")
    child.sendline("2")
    child.expect("Which function")
    child.sendline("")
    child.expect("in parallel\\?")
    assert all(len(line) < 60 + 12 for line in (child.before or "").splitlines())
    child.sendline("?")
    child.expect(r"once\s+you\s+choose\s+a\s+loop")
    child.sendline("y")
    child.expect("shared out\\?")
    child.sendline("back")
    child.expect("in parallel\\?")
    child.sendline("y")
    child.expect("shared out\\?")
    child.sendline("static")
    child.expect("Add lines")
    child.sendline("n")
    child.expect("Written: p_omp.c")
    child.expect(pexpect.EOF)
    child.wait()  # to close at once would hang up on a process that is still ending
    child.close()

    assert child.exitstatus == 0
    assert "#pragma omp" in (tmp_path / "p_omp.c").read_text()


def test_ctrl_c_on_a_terminal_ends_quietly(child: pexpect.spawn[str]) -> None:
    """No trace is shown, and the exit code is the shell's for Ctrl-C."""
    child.expect(r"Answer \[2\]: ")
    child.sendintr()
    child.expect("nothing was written")
    child.expect(pexpect.EOF)
    child.wait()  # to close at once would hang up on a process that is still ending
    child.close()

    assert child.exitstatus == 130


def test_listing_on_a_terminal(tmp_path: Path) -> None:
    """What is longer than the screen comes in pages; carets show the places."""
    lines = "".join(f"  a[{number}] = a[{number - 1}];\n" for number in range(1, 30))
    (tmp_path / "p.c").write_text(
        "int a[5000];\nint main(void) {\n"
        f"  for (int i = 1; i < 5000; i++)\n    a[i] = a[i - 1];\n{lines}"
        "  return 0;\n}\n"
    )
    child = pexpect.spawn(
        sys.executable,
        ["-m", "ipt", "parallelize", "p.c"],
        cwd=str(tmp_path),
        encoding="utf-8",
        timeout=30,
        dimensions=(24, 60),
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8"},
    )
    child.expect(r"Answer \[2\]: ")
    child.sendline("")
    child.expect(r"Answer \[1\]: ")
    child.sendline("")
    child.expect(r"\^ IPT301")
    child.expect("What else do you want to make in main")
    child.sendline("region")
    child.expect("Which lines does the region hold")
    child.sendline("list")
    child.expect("Enter goes on, q ends")
    child.sendline("")
    child.expect("return 0;")
    child.sendline("quit")
    child.expect("to go on from here")
    child.expect(pexpect.EOF)
    child.wait()
    child.close()

    assert child.exitstatus == 5

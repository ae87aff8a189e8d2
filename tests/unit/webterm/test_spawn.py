"""What a shell is given when it starts: a terminal, a folder, and nothing more."""

import contextlib
import os
import signal
import termios
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from webterm.spawn import IUTF8, Spawned, inherited, shell_environment, spawn
from webterm.testing import example_launch

ENV = {"PATH": "/usr/bin:/bin"}


def outcome(spawned: Spawned) -> tuple[int, str]:
    """Return status and output of a program, once it ended."""
    os.set_blocking(spawned.master, True)
    output = b""
    # Linux calls the end of a pseudo-terminal an error.
    with contextlib.suppress(OSError):
        while part := os.read(spawned.master, 65536):
            output += part
    os.close(spawned.master)
    _, status = os.waitpid(spawned.pid, 0)
    return os.waitstatus_to_exitcode(status), output.decode().replace("\r\n", "\n")


def run(script: str, cwd: str = "/") -> tuple[int, str]:
    """Run a script of sh on a terminal."""
    return outcome(spawn(("/bin/sh", "-c", script), ENV, cwd))


def test_environment_is_what_a_shell_needs() -> None:
    """Home, name, shell and language; and a path if there was none."""
    launch = example_launch(Ed25519PrivateKey.generate(), home="/home/ipt")
    env = shell_environment(launch, "")

    assert env["HOME"] == "/home/ipt"
    assert env["PATH"] == "/usr/local/bin:/usr/bin:/bin"
    assert shell_environment(launch, "/opt")["PATH"] == "/opt"


def test_program_has_a_terminal_of_its_own(tmp_path: Path) -> None:
    """It leads a session in its folder, and its terminal knows characters."""
    spawned = spawn(
        ("/bin/sh", "-c", "pwd; umask; ps -o sid= -p $$"), ENV, f"{tmp_path}"
    )
    knows = termios.tcgetattr(spawned.master)[0] & IUTF8
    status, output = outcome(spawned)

    assert knows
    assert (status, output.split()) == (0, [f"{tmp_path}", "0022", f"{spawned.pid}"])


def test_folder_that_is_not_there_is_done_without() -> None:
    """A home that can't be entered keeps nobody out of a terminal."""
    assert run("echo in", "/does/not/exist") == (0, "in\n")


def test_program_that_is_not_there_is_named() -> None:
    """The terminal says what is missing, and the status is a shell's."""
    spawned = spawn(("/does/not/exist",), ENV, "/")

    assert outcome(spawned) == (127, "/does/not/exist: No such file or directory\n")


def test_impossible_program_does_not_become_a_second_server() -> None:
    """Whatever goes wrong in the child, it ends there."""
    assert outcome(spawn(("/bin/sh\0",), ENV, "/"))[0] == 127


def test_descriptors_are_closed() -> None:
    """What is open here, even for children, is not open there."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)  # noqa: FBT003 - positional only
    try:
        status, output = run("ls /proc/self/fd")
    finally:
        os.close(reader)
        os.close(writer)

    # The last is of `ls` itself.
    assert (status, output.split()) == (0, ["0", "1", "2", "3"])


def test_signals_are_as_at_the_beginning() -> None:
    """What is ignored or held back here is neither there."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        status, output = run("grep -E 'Sig(Blk|Ign)' /proc/self/status")
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        signal.signal(signal.SIGINT, before)

    assert status == 0
    assert [int(line.split()[1], 16) for line in output.splitlines()] == [0, 0]


@pytest.mark.parametrize("folder", ["/dev/fd", "/does/not/exist"])
def test_what_is_open_is_found(folder: str) -> None:
    """With a list of descriptors, and without one."""
    reader, writer = os.pipe()
    try:
        found = inherited(folder)
        assert {reader, writer} <= set(found)
        assert {0, 1, 2}.isdisjoint(found)
    finally:
        os.close(reader)
        os.close(writer)

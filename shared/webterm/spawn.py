"""From a forked copy of the server to the user's shell.

The shell leads a session of its own, inherits the pseudo-terminal and nothing else,
and ends with its server.
"""

import contextlib
import os
import pty
import signal
import sys
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from .syscalls import filter_calls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .launch import Launch

# Linux's flag for erasing whole UTF-8 characters; the termios module lacks its name.
IUTF8 = 0o40000
UMASK = 0o022
NOT_STARTED = 127
STANDARD_ERROR = 2
DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Spawned:
    """A shell that runs: its process and our end of its pseudo-terminal."""

    pid: int
    master: int


def shell_environment(launch: "Launch", path: str) -> dict[str, str]:
    """Return the shell's whole environment: nothing of the server's own but PATH."""
    return {
        "HOME": launch.home,
        "USER": launch.user,
        "LOGNAME": launch.user,
        "SHELL": launch.shell[0],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PATH": path or DEFAULT_PATH,
    }


def spawn(
    argv: "Sequence[str]", env: "Mapping[str, str]", cwd: str, calls: bytes = b""
) -> Spawned:
    """Start a program on a new pseudo-terminal.

    Args:
        argv: The program and its arguments.
        env: Its whole environment.
        cwd: Its folder, if it can be entered.
        calls: A filter of system calls for it; see `webterm.syscalls`.

    Raises:
        OSError: There is no pseudo-terminal or no process left.
    """
    pid, master = pty.fork()
    if pid == 0:
        become(argv, env, cwd, calls)
    os.set_blocking(master, False)
    if sys.platform == "linux":
        mode = termios.tcgetattr(master)
        mode[0] |= IUTF8
        termios.tcsetattr(master, termios.TCSANOW, mode)
    return Spawned(pid, master)


def become(
    argv: "Sequence[str]", env: "Mapping[str, str]", cwd: str, calls: bytes = b""
) -> NoReturn:
    """Turn the forked child into the program; never returns into the server."""
    try:
        # What the server or whoever started it ignores (a background job of sh
        # ignores SIGINT) would stay ignored in every program of the user.
        for number in signal.valid_signals():
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        for descriptor in inherited():
            with contextlib.suppress(OSError):
                os.close(descriptor)
        os.umask(UMASK)
        with contextlib.suppress(OSError):
            os.chdir(cwd)
        filter_calls(calls)
        os.execve(argv[0], list(argv), dict(env))  # noqa: S606 - a shell is the point
    except OSError as error:
        os.write(STANDARD_ERROR, f"{argv[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(NOT_STARTED)


def inherited(folder: str = "/dev/fd") -> "Iterable[int]":
    """Return the descriptors that a program must not get, perhaps too many."""
    try:
        # `os.closerange` tries each of what may be a thousand millions in a container
        # where the kernel or the C library has no `close_range`.
        numbers = [int(name) for name in os.listdir(folder)]  # noqa: PTH208 - pathlib is a MB of memory
    except OSError:
        return range(STANDARD_ERROR + 1, os.sysconf("SC_OPEN_MAX"))
    return [number for number in numbers if number > STANDARD_ERROR]

"""Start a terminal server: `python -m webterm --launch FILE`."""

import ctypes
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from .handover import NoListener, receive_listener, take_listener
from .launch import BadLaunch, Launch, read_launch, take_launch
from .spawn import shell_environment, spawn
from .syscalls import choose_filter

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

PR_SET_DUMPABLE = 4
USAGE_ERROR = 2
USAGE = "Usage: python -m webterm --launch FILE | --launch-variable NAME\n"


def main(arguments: "Sequence[str]") -> int:
    """Serve one terminal to its end; return the shell's exit status."""
    hide_process()
    # In a container this is process 1, which the kernel shields from signals that
    # it does not handle.
    signal.signal(signal.SIGTERM, end)
    match list(arguments):
        case ["--launch" | "--launch-variable" as option, name]:
            pass
        case _:
            sys.stderr.write(USAGE)
            return USAGE_ERROR
    try:
        if option == "--launch":
            launch = read_launch(name)
        else:
            launch = take_launch(os.environ, name)
        listener = open_listener(launch)
    except BadLaunch as error:
        sys.stderr.write(f"{os.path.basename(name)} {error}.\n")  # noqa: PTH119 - pathlib is a MB of memory
        return USAGE_ERROR
    except NoListener as error:
        sys.stderr.write(f"There is no socket to listen on: {error}.\n")
        return USAGE_ERROR
    with listener:
        if not wait_for_start(launch):
            sys.stderr.write("Whoever started this terminal is gone; so it ends.\n")
            return 1
        path = os.environ.get("PATH", "")
        env = shell_environment(launch, path)
        calls = choose_filter(launch.filters)
        try:
            spawned = spawn(launch.shell, env, launch.home, calls)
        except OSError as error:
            sys.stderr.write(f"No shell can be started: {error.strerror}.\n")
            return 1
        # Only now: the shell starts meanwhile, and is forked from a smaller process.
        from .terminal import run  # noqa: PLC0415 - for the reason above

        return run(launch, listener, spawned)


def end(number: int, frame: object) -> NoReturn:
    """End as a signal asks for, before there is a terminal."""
    del frame
    sys.exit(128 + number)


def open_listener(launch: Launch) -> "socket.socket":
    """Return the listening socket, inherited or handed over.

    Raises:
        NoListener: There is none.
    """
    if launch.socket_fd is None:
        return receive_listener(launch.handover)
    return take_listener(launch.socket_fd)


def hide_process() -> None:
    """Keep the user's programs, which run as the same user, out of this process.

    It holds a socket of the machine's network: who could take that with ptrace or
    pidfd_getfd could connect it to any address the sandbox keeps away from it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def wait_for_start(launch: Launch) -> bool:
    """Wait for the go of whoever started this; false if it will never come."""
    if launch.start_fd is None:
        return True
    with os.fdopen(launch.start_fd, "rb", closefd=True) as pipe:
        return bool(pipe.read(1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

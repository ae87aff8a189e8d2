"""Runs one command under limits, and leaves no process behind.

`ipt.verify.running` starts this file as a program of its own, which uses
nothing but the standard library.  Being a process that does one thing, it can

* measure the time of the command without disturbing it,
* adopt what the command leaves in the background, and end that too,
* notice that whoever asked has gone (its standard input ends), and stop.

The order is a JSON object in the first argument; the result is one on
standard output.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["main"]

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <linux/prctl.h>
_TICK_MS = 100
_CLEAR_SECONDS = 5.0
_MOST_FILES = 10_000
_NOT_STARTED = 127
# Python ignores these for itself, and a command would inherit that.
_DEFAULTED = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM)


def main() -> None:
    """Do what the first argument orders."""
    order = json.loads(sys.argv[1])
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, _stop)
    wake = _wake_on_children()
    began = time.monotonic()
    pid = _start(order)
    try:
        result = _watch(order, pid, wake, began)
    finally:
        _clear(pid)
    print(json.dumps(result))  # noqa: T201 - the answer to whoever started us


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise SystemExit


def _wake_on_children() -> int:
    """Return a descriptor that becomes readable when a child ends."""
    wake, waker = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(waker, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    return wake


def _start(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        _become(order)
    except OSError as error:
        os.write(2, f"{order['path']}: {error.strerror}\n".encode())
    finally:
        os._exit(_NOT_STARTED)


def _become(order: dict[str, Any]) -> None:
    """Turn this process, a child, into the command."""
    signal.set_wakeup_fd(-1)
    for number in (*_DEFAULTED, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    _redirect(order["input"], 0, os.O_RDONLY)
    _redirect(order["output"], 1, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    _redirect(order["errors"], 2, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.chdir(order["folder"])
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, order["bytes"])
    if order["memory"]:
        _limit(resource.RLIMIT_AS, order["memory"])
    os.execv(order["path"], order["arguments"])  # noqa: S606 - a list, no shell


def _redirect(path: str, number: int, flags: int) -> None:
    opened = os.open(path, flags, 0o600)
    os.dup2(opened, number)
    os.close(opened)


def _limit(kind: int, value: int) -> None:
    """Lower a limit; one that is lower already stays."""
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _watch(order: dict[str, Any], pid: int, wake: int, began: float) -> dict[str, Any]:
    """Wait until the command ends, or must be ended."""
    poll = select.poll()
    poll.register(wake, select.POLLIN)
    poll.register(0, select.POLLIN | select.POLLHUP)
    while True:
        ready = {number for number, _ in poll.poll(_TICK_MS)}
        now = time.monotonic()
        with suppress(BlockingIOError):
            os.read(wake, 4096)
        status = _reaped(pid)
        if status is not None:
            code = os.waitstatus_to_exitcode(status)
            return {"ended": "exit", "code": code, "seconds": now - began}
        if 0 in ready:
            return {"ended": "abandoned", "code": -1, "seconds": now - began}
        if now - began > order["seconds"]:
            return {"ended": "time", "code": -1, "seconds": now - began}
        if order["total"] and _is_over(order):
            return {"ended": "files", "code": -1, "seconds": now - began}


def _reaped(pid: int) -> int | None:
    """Return the status of `pid` if it has ended; collects all others that have."""
    with suppress(ChildProcessError):
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == pid:
                return status
            if ended == 0:
                break
    return None


def _is_over(order: dict[str, Any]) -> bool:
    """Tell whether the command has written too much, or too many files."""
    with suppress(OSError):
        # It may ignore the signal that comes with the limit of a file.
        if os.lstat(order["output"]).st_size >= order["bytes"]:
            return True
    size = count = 0
    for root, folders, names in os.walk(order["folder"]):
        count += len(folders) + len(names)
        if count > _MOST_FILES:
            return True
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(root, name)).st_blocks * 512  # noqa: PTH118 - `os.walk` gives strings
    return bool(size > order["total"])


def _clear(pid: int) -> None:
    """End everything that the command has started."""
    until = time.monotonic() + _CLEAR_SECONDS
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    while time.monotonic() < until:
        for child in _children():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def _children() -> list[int]:
    """Return our children, orphans adopted from the command included."""
    found = []
    own = str(os.getpid())
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():  # noqa: PTH112, PTH208 - a small program starts faster without pathlib
        if name.isdigit():
            with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - as above
                # The name of the program stands in brackets and may hold blanks.
                fields = file.read().rpartition(b")")[2].split()
                if fields[1].decode() == own:
                    found.append(int(name))
    return found


if __name__ == "__main__":
    main()

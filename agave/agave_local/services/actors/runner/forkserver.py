"""A warm parent of one image: imports its package once, then forks per execution.

tenant ── requests, each with the write end of its log ──▶ this process ──fork──▶ child
tenant ◀── ready, ended ──────────────────────────────────      │ waits for it

It has one thread, so that forking is safe, and no secret: the tenant gives it a
clean environment, and each child gets its own. When the tenant is gone (end of file
on the control socket) the children are ended and so is this process. What a
function detached on purpose, by a session of its own, lives on.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import runpy
import selectors
import signal
import socket
import struct
import sys
import traceback
from types import ModuleType
from typing import Any, NoReturn

HEADER = struct.Struct("!I")
_PR_SET_PDEATHSIG = 1
_SIGNAL_BASE = 128
_BLOCK = 512  # of `ru_inblock`, by definition of getrusage(2)
_NANOSECONDS = 1_000_000_000

Message = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Serve the tenant at the other end of the inherited socket.

    Args:
        arguments: the package, and the number of the socket's file descriptor.
    """
    package, number = arguments
    control = socket.socket(fileno=int(number))
    control.set_inheritable(False)
    for noise in (signal.SIGINT, signal.SIGTERM):
        signal.signal(noise, signal.SIG_IGN)
    settings = receive(control)
    if settings is None:
        return 0
    try:
        warm(package, settings[0])
    except BaseException as error:  # noqa: BLE001 - whatever the package does
        traceback.print_exc()
        _tell(control, {"failed": f"{type(error).__name__}: {error}"})
        return 1
    gc.collect()
    gc.freeze()
    _tell(control, {"ready": package})
    ForkServer(package, control).serve()
    return 0


def warm(package: str, settings: Message) -> None:
    """Import what every execution needs, before the first one does."""
    sys.path[:] = settings["path"]
    app = importlib.import_module(f"{package}.app")
    for module in (app, importlib.import_module(package)):
        hook = getattr(module, "warm", None)
        if callable(hook) and not isinstance(hook, ModuleType):
            hook(settings["api_server"])
            break
    # A log is read while it grows; a pipe would otherwise be block-buffered.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


class ForkServer:
    """Forks, watches and ends the children of one image.

    Args:
        package: whose `__main__` a child runs.
        control: socket of the tenant.
    """

    def __init__(self, package: str, control: socket.socket) -> None:
        self._package = package
        self._control = control
        self._running: dict[int, str] = {}

    def serve(self) -> None:
        """Work until the tenant is gone."""
        wake, rung = socket.socketpair()
        for end in (wake, rung):
            end.settimeout(0)
        # Only to make the signal ring the bell.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(rung.fileno(), warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector, wake, rung:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if wake in ready:
                    with contextlib.suppress(BlockingIOError):
                        wake.recv(4096)
                    self._reap()
                if self._control in ready and not self._obey():
                    self._end_all()
                    return

    def _obey(self) -> bool:
        message = receive(self._control)
        if message is None:
            return False
        request, descriptors = message
        if "kill" in request:
            for pid, execution in self._running.items():
                if execution == request["kill"]:
                    _kill(pid)
            return True
        (log,) = descriptors
        try:
            pid = os.fork()
        except OSError as error:
            _tell(self._control, {"ended": request["run"], "error": str(error)})
        else:
            if not pid:
                self._be_child(request, log)
            self._running[pid] = request["run"]
        os.close(log)
        return True

    def _be_child(self, request: Message, log: int) -> NoReturn:
        code = 1
        try:
            self._control.close()
            prepare_child(log, request.get("memory"))
            code = run_package(self._package, request["environment"])
        finally:
            os._exit(code)

    def _reap(self) -> None:
        while self._running:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            # As in a container, nothing of an execution outlives it.
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(status)
            _tell(
                self._control,
                {
                    "ended": self._running.pop(pid),
                    "code": _SIGNAL_BASE - code if code < 0 else code,
                    "cpu": int((usage.ru_utime + usage.ru_stime) * _NANOSECONDS),
                    "io": (usage.ru_inblock + usage.ru_oublock) * _BLOCK,
                },
            )

    def _end_all(self) -> None:
        for pid in self._running:
            _kill(pid)


def prepare_child(log: int, memory: int | None) -> None:
    """Make a forked child a process of its own, that writes to its log."""
    signal.set_wakeup_fd(-1)
    for name in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)
    os.setsid()
    _die_with_parent()
    with open(os.devnull) as nothing:  # noqa: PTH123 - pathlib is not imported in the hot path
        os.dup2(nothing.fileno(), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def run_package(package: str, environment: dict[str, str]) -> int:
    """Run a package as `python -m` would, and return its exit code."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [package]
    try:
        runpy.run_module(package, run_name="__main__", alter_sys=True)
    except SystemExit as leave:
        return _exit_code(leave.code)
    except BaseException:  # noqa: BLE001 - as the interpreter does at the top
        traceback.print_exc()
        return 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    return 0


def _exit_code(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)  # noqa: T201 - what `sys.exit("…")` does
    return 1


def _die_with_parent() -> None:
    """End with the fork server, also where it is killed itself (Linux only)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        # It has not reached its own group yet; it is still our unreaped child.
        os.kill(pid, signal.SIGKILL)


def _tell(control: socket.socket, message: Message) -> None:
    """Write one message to a tenant that may be gone."""
    with contextlib.suppress(OSError):
        send(control, message)


def send(control: socket.socket, message: Message) -> None:
    """Write one message."""
    data = json.dumps(message).encode()
    control.sendall(HEADER.pack(len(data)) + data)


def receive(control: socket.socket) -> tuple[Message, list[int]] | None:
    """Read one message and the descriptors that came with it; None at the end."""
    try:
        head, descriptors, _, _ = socket.recv_fds(control, HEADER.size, 1)
        head += _exactly(control, HEADER.size - len(head))
        body = _exactly(control, HEADER.unpack(head)[0])
    except (OSError, EOFError):
        return None
    message: Message = json.loads(body)
    return message, descriptors


def _exactly(control: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = control.recv(min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

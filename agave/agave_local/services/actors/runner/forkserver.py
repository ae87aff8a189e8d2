"""A warm parent of one image: imports its package once, then forks per execution.

For an image that is a command it imports nothing; a child becomes the command.

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
import importlib.abc
import importlib.util
import json
import os
import re
import resource
import runpy
import selectors
import shutil
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any, NoReturn

from agave_local.services.actors.runner.steering import IMAGE_DEFAULTS

HEADER = struct.Struct("!I")
_PR_SET_PDEATHSIG = 1
_SIGNAL_BASE = 128
_NANOSECONDS = 1_000_000_000
_IO = re.compile(rb"^[rw]char: (\d+)$", re.MULTILINE)
_FOLDERS = re.compile(
    r"(?<=[('\"])/[^()'\"]*/"  # in quotes or brackets, blanks and all
    r"|(?<![\w.:/])/(?:[^\s'\"():,;/]+/)*"
)
_LONGEST_REASON = 500
_CANNOT_START = 126
_LIMITS = {
    "memory": resource.RLIMIT_DATA,
    "processes": resource.RLIMIT_NPROC,
    "file_size": resource.RLIMIT_FSIZE,
}

Message = dict[str, Any]
Main = tuple[ModuleSpec, CodeType]
Run = Callable[[dict[str, str]], int]


class NoProgram(Exception):
    """The program of an image is not on this machine."""


def main(arguments: list[str]) -> int:
    """Serve the tenant at the other end of the inherited socket.

    Args:
        arguments: the name of the program, and the number of the socket's file
            descriptor.
    """
    name, number = arguments
    control = socket.socket(fileno=int(number))
    control.set_inheritable(False)
    for noise in (signal.SIGINT, signal.SIGTERM):
        signal.signal(noise, signal.SIG_IGN)
    settings = receive(control)
    if settings is None:
        return 0
    try:
        run = make_run(name, settings[0])
    except BaseException as error:  # noqa: BLE001 - whatever the package does
        traceback.print_exc()
        _tell(control, {"failed": without_folders(error)})
        return 1
    gc.collect()
    gc.freeze()
    _tell(control, {"ready": name})
    ForkServer(run, control).serve()
    return 0


def without_folders(error: BaseException) -> str:
    """Return what a caller may know of a failure: nothing of this machine's folders."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, NoProgram):
        said = str(error)
    return _FOLDERS.sub("", said)[:_LONGEST_REASON]


def make_run(name: str, settings: Message) -> Run:
    """Return what a child does, once all that can be done before is done.

    Raises:
        NoProgram: where the program is not here.
    """
    command = settings.get("command")
    if not command:
        warm(name, settings)
        main = find_main(name)
        return lambda environment: run_package(name, environment, main)
    program = shutil.which(command[0], path=IMAGE_DEFAULTS["PATH"])
    if program is None:
        said = os.path.basename(command[0])  # noqa: PTH119 - pathlib is not imported in the hot path
        raise NoProgram(f"The program {said} of this image was not found.")
    return lambda environment: run_command(program, command, environment)


def warm(package: str, settings: Message) -> None:
    """Import what every execution needs, before the first one does."""
    sys.path[:] = settings["path"]
    modules = [importlib.import_module(package)]
    if importlib.util.find_spec(f"{package}.app") is not None:
        modules.insert(0, importlib.import_module(f"{package}.app"))
    for module in modules:
        hook = getattr(module, "warm", None)
        if callable(hook) and not isinstance(hook, ModuleType):
            hook(settings["api_server"])
            break
    # A log is read while it grows; a pipe would otherwise be block-buffered.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


class ForkServer:
    """Forks, watches and ends the children of one image.

    Args:
        run: what a child does; returns its exit code.
        control: socket of the tenant.
    """

    def __init__(self, run: Run, control: socket.socket) -> None:
        self._run = run
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
                    # The ends of the children have nobody to wake any more.
                    signal.set_wakeup_fd(-1)
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
            prepare_child(log, request["limits"])
            code = self._run(request["environment"])
        finally:
            os._exit(code)

    def _reap(self) -> None:
        ended = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while self._running and (child := os.waitid(os.P_ALL, 0, ended)):
            io = _bytes_moved(child.si_pid)
            pid, status, usage = os.wait4(child.si_pid, 0)
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
                    "io": io,
                },
            )

    def _end_all(self) -> None:
        for pid in self._running:
            _kill(pid)


def prepare_child(log: int, limits: Mapping[str, int | None]) -> None:
    """Make a forked child a process of its own, that writes to its log.

    Args:
        log: descriptor of the log.
        limits: `memory`, `processes` and `file_size`. The kernel counts the processes
            of a whole account, and does not count those of root.
    """
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
    for limit, most in limits.items():
        if most is not None:
            _, hard = resource.getrlimit(_LIMITS[limit])
            bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(_LIMITS[limit], (bound, bound))


def run_command(program: str, command: list[str], environment: dict[str, str]) -> int:
    """Become a command; return an exit code only where that fails."""
    # The interpreter ignores them, and a program would inherit that.
    for name in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(name, signal.SIG_DFL)
    try:
        os.execve(program, command, environment)  # noqa: S606 - the operator's command, without a shell
    except OSError as error:
        # A variable may have 128 KiB, and so may a message in one.
        os.write(2, f"The program could not be started: {error.strerror}\n".encode())
    return _CANNOT_START


def find_main(package: str) -> Main | None:
    """Return what a package runs as a program, read once for all children.

    To look for it again takes longer than a small function does.
    """
    spec = importlib.util.find_spec(f"{package}.__main__")
    loader = None if spec is None else spec.loader
    if spec is None or not isinstance(loader, importlib.abc.InspectLoader):
        return None
    code = loader.get_code(spec.name)
    return None if code is None else (spec, code)


def run_package(
    package: str, environment: dict[str, str], main: Main | None = None
) -> int:
    """Run a package as `python -m` would, and return its exit code."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [package]
    try:
        if main is None:
            runpy.run_module(package, run_name="__main__", alter_sys=True)
        else:
            _run_main(*main)
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


def _run_main(spec: ModuleSpec, code: CodeType) -> None:
    module = ModuleType("__main__")
    module.__dict__.update(
        __file__=spec.origin,
        __cached__=spec.cached,
        __loader__=spec.loader,
        __package__=spec.parent,
        __spec__=spec,
    )
    sys.modules["__main__"] = module
    sys.argv[0] = spec.origin or sys.argv[0]
    exec(code, module.__dict__)  # noqa: S102 - the image's own program


def _bytes_moved(pid: int) -> int:
    """Return what a process that ended, and its children, read and wrote."""
    try:
        with open(f"/proc/{pid}/io", "rb") as file:  # noqa: PTH123 - as above
            return sum(map(int, _IO.findall(file.read())))
    except OSError:
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

"""What the hosts on this machine have in common: everything but the walls."""

import contextlib
import functools
import logging
import shutil
import signal
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from iptweb.errors import HostUnreachable, LaunchFailed
from iptweb.settings.terminals import TerminalLimits

from .base import Ended, Launched
from .folder import NAME, TerminalFolder, check_name
from .layout import Layout, read_layout
from .start import NotLimited, Plan, start_server
from .welcome import prepare_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import ControlGroup

    from .base import LaunchRequest
    from .folder import Living

log = logging.getLogger("iptweb.terminals")

TERM_SECONDS = 3.0
TERM_TIMES = 10
KILL_SECONDS = 5.0
COMMAND = """#!/bin/sh
exec '{python}' -I -m ipt "$@"
"""


class LocalHost(ABC):
    """Starts terminals as processes of this machine.

    It owns the run-time folders below `run_dir`; all that it knows of what runs is
    there, so any number of processes may use one `run_dir` at a time.
    """

    kind: ClassVar[str]

    def __init__(
        self,
        run_dir: "Path",
        *,
        python: "Path",
        address: str = "127.0.0.1",
        image: "Path | None" = None,
        limits: TerminalLimits | None = None,
    ) -> None:
        """Use a folder and an interpreter.

        Args:
            run_dir: Where the run-time folders of terminals are kept.
            python: The interpreter that runs `webterm` and `ipt`.
            address: Where terminals listen.
            image: Folder of `profile` and `bashrc`; by default the one that comes
                with the functions.
            limits: What each terminal may use.
        """
        self._run_dir = run_dir.absolute()
        self._python = python
        self._address = address
        self._image = image
        self._limits = limits or TerminalLimits()

    def launch(self, request: "LaunchRequest") -> Launched:
        """Start the terminal, or return the one of that name that already lives.

        Raises:
            HostUnreachable: The run-time folder can't be used.
            LaunchFailed: The terminal did not start.
        """
        check_name(request.name)
        folder = TerminalFolder(self._run_dir, request.name)
        with self.admission(request), folder.locked():
            living = folder.living()
            if living is None:
                living = self._start(folder, request)
        return self._launched(request.name, living)

    def stop(self, name: str, launch: str = "") -> bool:
        """End the terminal, or only one launch of it; false if there was none.

        Raises:
            HostUnreachable: It is still there after all.
        """
        folder = TerminalFolder(self._run_dir, name)
        if not NAME.fullmatch(name) or not folder.path.is_dir():
            return False
        with folder.locked():
            living = folder.living()
            known = living or folder.ended()
            if launch and (known is None or known.launch != launch):
                return False
            if living is not None:
                end(living)
            folder.remove()
        return living is not None

    def inspect(self, name: str) -> Launched | None:
        """Return the living terminal of that name, or None."""
        living = self.find(name)
        return None if living is None else self._launched(name, living)

    def living(self) -> list[Launched]:
        """Return all living terminals, sorted by name."""
        try:
            names = sorted(entry.name for entry in self._run_dir.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise HostUnreachable(
                "The execution host's folder of terminals can't be read.",
                error=str(error),
            ) from error
        found = ((name, self.find(name)) for name in names)
        return [self._launched(name, living) for name, living in found if living]

    def ended(self, name: str) -> Ended | None:
        """Return how the last terminal of that name ended, None if nothing is known."""
        if not NAME.fullmatch(name):
            return None
        return TerminalFolder(self._run_dir, name).ended()

    def find(self, name: str) -> "Living | None":
        """Return what is written down of a living terminal, or None."""
        if not NAME.fullmatch(name):
            return None
        return TerminalFolder(self._run_dir, name).living()

    def group_of(self, name: str) -> "ControlGroup":
        """Return the control group of a terminal, one without folders if none."""
        return TerminalFolder(self._run_dir, name).group()

    @contextlib.contextmanager
    def admission(self, request: "LaunchRequest") -> "Iterator[None]":
        """Hold what must be held, and check what must be so, for a launch.

        Raises:
            LaunchFailed: This host does not take that terminal.
        """
        del request
        yield

    @abstractmethod
    def plan(
        self, folder: TerminalFolder, request: "LaunchRequest", *, grouped: bool = True
    ) -> Plan:
        """Return how to start the server.

        Args:
            folder: Its folder.
            request: What is wanted.
            grouped: Whether a control group may be tried.
        """

    @functools.cached_property
    def layout(self) -> Layout:
        """Where the interpreter and its packages are; asked once."""
        return read_layout(self._python, self._run_dir / ".layout")

    @property
    def image(self) -> "Path | None":
        """The folder of `profile` and `bashrc`."""
        return self._image or self.layout.image

    def _start(self, folder: TerminalFolder, request: "LaunchRequest") -> "Living":
        prepare_home(request.home, self.layout.samples)
        try:
            return self._try_start(folder, request, grouped=True)
        except NotLimited:
            log.warning("no control group for terminals: processes can't be moved")
            return self._try_start(folder, request, grouped=False)

    def _try_start(
        self, folder: TerminalFolder, request: "LaunchRequest", *, grouped: bool = True
    ) -> "Living":
        try:
            folder.clear()
            self._write_command(folder)
            plan = self.plan(folder, request, grouped=grouped)
        except OSError as error:
            raise LaunchFailed(
                "The execution host can't write a terminal's files. Is its disk full?",
                error=str(error),
            ) from error
        try:
            return start_server(folder, request, plan, self._address)
        except LaunchFailed:
            folder.end_group()
            raise

    def _write_command(self, folder: TerminalFolder) -> None:
        commands = folder.path / "bin"
        commands.mkdir()
        commands.chmod(0o755)
        file = commands / "ipt"
        file.write_text(COMMAND.format(python=self.layout.python), encoding="utf-8")
        file.chmod(0o755)
        # The image's own folder is not to be seen in a terminal: its commands are.
        offered = [] if self.image is None else (self.image / "bin").glob("*")
        for command in offered:
            shutil.copyfile(command, commands / command.name)
            (commands / command.name).chmod(0o755)

    def _launched(self, name: str, living: "Living") -> Launched:
        address = f"[{self._address}]" if ":" in self._address else self._address
        return Launched(
            name=name,
            launch=living.launch,
            url=f"ws://{address}:{living.port}/",
            host=f"{self.kind} {self._address}",
            started=living.started,
        )


def end(living: "Living") -> None:
    """End a terminal's server, and with it all that runs in it.

    Raises:
        HostUnreachable: It is still there after all.
    """
    # More than once: process 1 of a sandbox does not get it while it is starting.
    for _ in range(TERM_TIMES):
        living.process.send(signal.SIGTERM)
        if living.process.wait_until_gone(TERM_SECONDS / TERM_TIMES):
            return
    living.process.send(signal.SIGKILL)
    if not living.process.wait_until_gone(KILL_SECONDS):
        raise HostUnreachable(
            "The terminal can't be ended. The execution host may be out of order."
        )

"""Terminals behind bubblewrap: each sees its own home and nobody else's."""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from iptweb.errors import LaunchFailed
from sandbox import (
    MEMORY,
    PROCESSES,
    Bind,
    ControlGroup,
    GroupLimits,
    Limits,
    Mount,
    Sandbox,
    make_filter,
    plan_group,
    system_mounts,
    write_etc,
)

from .local import LocalHost
from .start import Plan

if TYPE_CHECKING:
    from .base import LaunchRequest
    from .folder import TerminalFolder

HOME = Path("/home/ipt")
BIN = Path("/opt/ipt/bin")
LAUNCH_FILE = Path("/opt/ipt/launch.json")
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
SHELL = ("/bin/bash", "-l")
USUAL_NUMBER = 1000
READ_AND_ENTER = 0o5
NO_GROUP: Final = (ControlGroup(()), frozenset[str]())
ETC_NAMES = {"profile": "profile", "bashrc": "bash.bashrc"}


class SandboxHost(LocalHost):
    """Starts each terminal in a sandbox of its own."""

    kind: ClassVar[str] = "sandbox"

    def plan(
        self,
        folder: "TerminalFolder",
        request: "LaunchRequest",
        *,
        grouped: bool = True,
    ) -> Plan:
        """Return how to start the server inside a sandbox.

        Raises:
            LaunchFailed: The interpreter's folders hold homes or run-time folders,
                or the terminal's user can't read them.
        """
        self._check_apart(request)
        owner = find_owner(request.home)
        if owner is not None:
            self._check_readable(owner)
        server = [str(self.layout.python), "-I", "-m", "webterm"]
        content = make_filter()
        group, held = self._make_group(folder) if grouped else NO_GROUP
        numbers = owner or Owner(USUAL_NUMBER, USUAL_NUMBER)
        box = Sandbox(
            mounts=(*system_mounts(), *self._own_mounts(folder, request, numbers)),
            env={"PATH": f"{BIN}:{SYSTEM_PATH}", "LANG": "C.UTF-8", "HOME": str(HOME)},
            uid=numbers.uid,
            gid=numbers.gid,
            real_user=owner is not None,
            temporary_bytes=self._limits.temporary_bytes,
            limits=self._process_limits(held),
            as_pid_1=True,
        )

        def command(report: int, filter_fd: int | None) -> list[str]:
            told = replace(box, info_fd=report, seccomp_fd=filter_fd)
            return told.command([*server, "--launch", str(LAUNCH_FILE)])

        return Plan(
            home=str(HOME),
            shell_argv=SHELL,
            command=command,
            env={"PATH": SYSTEM_PATH},
            reports=True,
            filter=content,
            entrances=group.entrances(),
            reader=numbers.uid if owner is not None else None,
        )

    def _make_group(
        self, folder: "TerminalFolder"
    ) -> tuple[ControlGroup, frozenset[str]]:
        most = self._limits.processors
        limits = GroupLimits(
            memory_bytes=self._limits.memory_bytes,
            processes=self._limits.processes,
            # All processors are no limit, and each hierarchy takes time at a start.
            processors=most if most < (os.cpu_count() or 1) else None,
        )
        name = f"{folder.path.name}.{group_mark(self._run_dir)}"
        group = plan_group(name, limits)
        folder.write_group(group)
        return group, group.make(limits)

    def _process_limits(self, held: frozenset[str]) -> Limits:
        limits = self._limits
        return Limits(
            file_bytes=limits.file_bytes,
            open_files=limits.open_files,
            processes=None if PROCESSES in held else limits.processes,
            data_bytes=None if MEMORY in held else limits.memory_bytes,
        )

    def _own_mounts(
        self, folder: "TerminalFolder", request: "LaunchRequest", numbers: "Owner"
    ) -> tuple[Mount, ...]:
        etc = write_etc(
            folder.path / "etc",
            user=request.user,
            home=str(HOME),
            uid=numbers.uid,
            gid=numbers.gid,
        )
        image = self.image
        shown = [] if image is None else self._image_mounts(image)
        return (
            *etc,
            *shown,
            *(Bind(place, place) for place in self.layout.folders),
            Bind(folder.path / "bin", BIN),
            Bind(folder.launch_file, LAUNCH_FILE),
            Bind(request.home.absolute(), HOME, writable=True),
        )

    def _image_mounts(self, image: Path) -> list[Bind]:
        return [
            Bind(image / name, Path("/etc") / target)
            for name, target in ETC_NAMES.items()
            if (image / name).is_file()
        ]

    def _check_apart(self, request: "LaunchRequest") -> None:
        kept = (request.home.absolute().parent, self._run_dir)
        for place in self.layout.folders:
            if any(data.is_relative_to(place) for data in kept):
                raise LaunchFailed(
                    "The folder of homes or of terminals lies inside the Python "
                    "installation, which every terminal sees. Choose another one."
                )

    def _check_readable(self, owner: "Owner") -> None:
        for place in self.layout.folders:
            if not owner.may_enter(place):
                raise LaunchFailed(
                    "The Python installation of terminals can't be read by the owner "
                    "of your home folder. Let everybody read it.",
                    place=str(place),
                )


def group_mark(run_dir: Path) -> str:
    """Return what tells one run-time folder's groups from those of another one.

    Terminals have different names within one folder only.
    """
    return hashlib.sha256(os.fsencode(run_dir)).hexdigest()[:12]


@dataclass(frozen=True)
class Owner:
    """The numbers of a user of this machine."""

    uid: int
    gid: int

    def may_enter(self, folder: Path) -> bool:
        """Return whether that user can read what is in a folder."""
        found = folder.stat()
        mode = found.st_mode
        if found.st_uid == self.uid:
            mode >>= 6
        elif found.st_gid == self.gid:
            mode >>= 3
        return mode & READ_AND_ENTER == READ_AND_ENTER


def find_owner(home: Path) -> Owner | None:
    """Return as whom a terminal has to run for its home to be its own.

    None: as whoever we are.  As root we can become the owner.  To hand the home over
    to root instead would take a walk through all of it, and take it away from
    containers, which run as the owner.
    """
    if os.geteuid() != 0:
        return None
    found = home.stat(follow_symlinks=False)
    if found.st_uid == 0:
        return None
    # `chown` of a home often leaves its group root's, which nobody inside may be in.
    return Owner(found.st_uid, found.st_gid or found.st_uid)

"""Terminals behind bubblewrap: each sees its own home and nobody else's."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from iptweb.errors import LaunchFailed
from sandbox import Bind, Mount, Sandbox, system_mounts, write_etc

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
ETC_NAMES = {"profile": "profile", "bashrc": "bash.bashrc"}


class SandboxHost(LocalHost):
    """Starts each terminal in a sandbox of its own."""

    kind: ClassVar[str] = "sandbox"

    def plan(self, folder: "TerminalFolder", request: "LaunchRequest") -> Plan:
        """Return how to start the server inside a sandbox.

        Raises:
            LaunchFailed: The interpreter's folders hold homes or run-time folders.
        """
        self._check_apart(request)
        mounts = (*system_mounts(), *self._own_mounts(folder, request))
        env = {"PATH": f"{BIN}:{SYSTEM_PATH}", "LANG": "C.UTF-8", "HOME": str(HOME)}
        server = [str(self.layout.python), "-I", "-m", "webterm"]

        def command(report: int) -> list[str]:
            box = Sandbox(mounts=mounts, env=env, as_pid_1=True, info_fd=report)
            return box.command([*server, "--launch", str(LAUNCH_FILE)])

        return Plan(
            home=str(HOME),
            shell_argv=SHELL,
            command=command,
            env={"PATH": SYSTEM_PATH},
            reports=True,
        )

    def _own_mounts(
        self, folder: "TerminalFolder", request: "LaunchRequest"
    ) -> tuple[Mount, ...]:
        etc = write_etc(folder.path / "etc", user=request.user, home=str(HOME))
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

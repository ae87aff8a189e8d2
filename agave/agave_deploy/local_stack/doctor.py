"""What is on this machine, what is missing, what that costs, how to install it.

The one table of components: `agave-deploy doctor` prints it, and the tests' marker
`needs` asks it (tests/conftest.py).
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import sandbox
from agave_deploy.errors import in_words
from agave_deploy.images.engine import describe_terminals, find_engine
from agave_deploy.images.terminal_image import TERMINAL_TAG

__all__ = [
    "COMPONENTS",
    "Component",
    "Machine",
    "Missing",
    "find_missing",
    "write_report",
]

_PATIENCE_S = 30
_RACE = "int main(void) { return 0; }\n"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARCHER = "libarcher.so"


@dataclass(frozen=True)
class Machine:
    """This machine, as the probes see it; a test gives another.

    Attributes:
        find: tells where a program is, or None.
        run: runs a command and returns its exit code and output.
        sandbox: tells why no sandbox can be made, or None.
        terminals: tells a person whether terminals can run in containers.
        walls: tells a person what sandboxes lack here.
    """

    find: Callable[[str], str | None]
    run: Callable[[Sequence[str]], tuple[int, str]]
    sandbox: Callable[[], str | None]
    terminals: Callable[[], str] = lambda: ""
    walls: Callable[[], str] = lambda: ""

    @classmethod
    def real(cls, engine: str | None = None) -> "Machine":
        """Return the machine that this process runs on.

        Args:
            engine: address of the container engine; it is looked for where None.
        """
        return cls(
            _find_program,
            _run_program,
            sandbox.available,
            lambda: describe_terminals(TERMINAL_TAG, lambda: engine or find_engine()),
            sandbox.describe_walls,
        )

    def lacks(self, *programs: str) -> str | None:
        """Tell which of some programs is missing, or None."""
        missing = [program for program in programs if self.find(program) is None]
        return f"no {' and no '.join(missing)} here" if missing else None


Probe = Callable[[Machine], str | None]


@dataclass(frozen=True)
class Component:
    """Something that a machine may have.

    Attributes:
        name: as in `@pytest.mark.needs` and in `IPT_REQUIRE`.
        cost: what does not work without it.
        apt: Debian packages.
        brew: Homebrew packages; empty where macOS has none.
        probe: tells what is wrong, or None.
    """

    name: str
    cost: str
    apt: str
    brew: str
    probe: Probe

    @property
    def remedy(self) -> str:
        """How to install it."""
        brew = f"brew install {self.brew}" if self.brew else "not on macOS"
        return f"apt install {self.apt} ({brew})"


@dataclass(frozen=True)
class Missing:
    """A component that is not here.

    Attributes:
        component: which one.
        reason: what the probe found.
    """

    component: Component
    reason: str

    def __str__(self) -> str:
        name, remedy = self.component.name, self.component.remedy
        return f"component {name} is missing ({self.reason}): {remedy}"


def _programs(*names: str) -> Probe:
    return lambda machine: machine.lacks(*names)


def _probe_chromium(machine: Machine) -> str | None:
    if any(machine.find(name) for name in _CHROMIUM):
        return None
    return "no chromium here"


def _probe_node(machine: Machine) -> str | None:
    lacking = machine.lacks("node")
    if lacking:
        return lacking
    _, said = machine.run(["node", "--version"])
    version = re.match(r"v(\d+)\.", said)
    if version is None or int(version.group(1)) < 18:  # noqa: PLR2004 - node --test
        return f"node is too old or broken ({said.strip() or 'no version'})"
    return None


def _probe_tsan(machine: Machine) -> str | None:
    lacking = machine.lacks("clang-19")
    if lacking:
        return lacking
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "race.c")
        source.write_text(_RACE, "utf-8")
        command = ["clang-19", "-fopenmp", "-fsanitize=thread", str(source)]
        code, said = machine.run([*command, "-o", str(Path(folder, "race"))])
    if code:
        return "clang-19 can't link a race check: " + _last_line(said)
    code, said = machine.run(["clang-19", f"-print-file-name={_ARCHER}"])
    if code or not Path(said.strip()).is_absolute():  # a bare name: not found
        return f"{_ARCHER} is not there"
    return None


def _probe_podman(machine: Machine) -> str | None:
    lacking = machine.lacks("podman", "runc", "ip")
    if lacking:
        return lacking
    _, said = machine.run(["id", "-u"])
    return None if said.strip() == "0" else "the tests start an engine as root only"


def _probe_tmpfs(machine: Machine) -> str | None:
    lacking = machine.lacks("mount", "unshare")
    if lacking:
        return lacking
    # In a name space of its own: nobody else sees it, and it is gone with the command.
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tempfile.gettempdir()]
    code, _ = machine.run(["unshare", "--mount", *mount])
    return None if code == 0 else "the tests may mount nothing here"


COMPONENTS: Mapping[str, Component] = {
    component.name: component
    for component in (
        Component(
            "gcc",
            "no C program can be compiled, and the parallelizer reads none of C++",
            "gcc libc6-dev",
            "gcc",
            _programs("gcc"),
        ),
        Component(
            "g++", "no C++ program can be compiled", "g++", "gcc", _programs("g++")
        ),
        Component(
            "bubblewrap",
            "terminals and jobs run without isolation: for one trusted person only",
            "bubblewrap",
            "",
            lambda machine: machine.sandbox(),
        ),
        Component(
            "node",
            "the site's modules come from PyPI's node, and its tests are not run",
            "nodejs npm",
            "node",
            _probe_node,
        ),
        Component(
            "chromium",
            "the tests in a browser are not run",
            "chromium",
            "--cask chromium",
            _probe_chromium,
        ),
        Component(
            "openmpi",
            "no MPI program can be compiled or run",
            "openmpi-bin libopenmpi-dev",
            "open-mpi",
            _programs("mpicc", "mpirun"),
        ),
        Component(
            "clang",
            "a second compiler's opinion on the parallelizer's output is not asked",
            "clang-19",
            "llvm",
            _programs("clang-19"),
        ),
        Component(
            "tsan",
            "data races in the parallelizer's output are not looked for",
            "clang-19 libomp-19-dev libclang-rt-19-dev",
            "",
            _probe_tsan,
        ),
        Component(
            "shellcheck",
            "the shell scripts are not checked",
            "shellcheck",
            "shellcheck",
            _programs("shellcheck"),
        ),
        Component(
            "sshd",
            "terminals and jobs over SSH are not tested",
            "openssh-server",
            "",
            _programs("sshd"),
        ),
        Component(
            "slurm",
            "jobs on a scheduler are not tested, and there is no local one to use",
            "slurm-wlm munge",
            "",
            _programs("slurmctld", "slurmd", "munged", "sbatch"),
        ),
        Component(
            "podman",
            "actors and terminals in containers are not tested",
            "podman runc uidmap netavark iptables iproute2",
            "",
            _probe_podman,
        ),
        Component(
            "debootstrap",
            "the terminal's image is not built in tests, so nothing that needs it runs",
            "debootstrap",
            "",
            _programs("debootstrap", "unshare"),
        ),
        Component(
            "tmpfs",
            "what jobs do where a disk is full is not tested",
            "mount util-linux",
            "",
            _probe_tmpfs,
        ),
    )
}


def find_missing(name: str, machine: Machine) -> Missing | None:
    """Tell what is wrong with a component, or None.

    Raises:
        KeyError: There is no component of that name.
    """
    component = COMPONENTS[name]
    reason = component.probe(machine)
    return None if reason is None else Missing(component, reason)


def write_report(machine: Machine) -> str:
    """Return what is here and what is missing, for a person."""
    lines = []
    for name in COMPONENTS:
        missing = find_missing(name, machine)
        if missing is None:
            lines.append(f"  here     {name}")
            continue
        lines += [
            f"  MISSING  {name}: {missing.reason}",
            f"             without it, {missing.component.cost}",
            f"             {missing.component.remedy}",
        ]
    walls = [] if machine.sandbox() else [machine.walls()]
    return "\n".join([*lines, "", *walls, machine.terminals()]).rstrip()


def _find_program(name: str) -> str | None:
    # Debian keeps sshd where a user's PATH does not lead.
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    return which(name, path=path)


def _run_program(command: Sequence[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            list(command),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, in_words(error)
    return done.returncode, done.stdout + done.stderr


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"

"""The base image for tests, with a machine that only pretends to make it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from agave_deploy.errors import ImageError
from agave_deploy.testing import Bases, find_mirror, run_command

MIRROR = "http://mirror.example.org/debian/"
TARGETS = f"http://other.example.org/ bookworm-updates main\n{MIRROR} bookworm main\n"


class FakeMachine:
    """Notes the commands; has the images that were imported.

    Attributes:
        commands: in the order in which they came.
        failing: a command that fails.
        targets: what apt says of its sources.
    """

    def __init__(self, failing: str = "", targets: str = TARGETS) -> None:
        self.commands: list[Sequence[str]] = []
        self.failing = failing
        self.targets = targets
        self._images: set[str] = set()

    def run(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Pretend to run a command."""
        self.commands.append(command)
        code = 1 if self.failing and self.failing in command else 0
        if "exists" in command:
            code = 0 if command[-1] in self._images else 1
        elif "import" in command and not code:
            self._images.add(command[-1])
        said = self.targets if command[0] == "apt-get" else "one\ntwo\n"
        return subprocess.CompletedProcess(command, code, said)

    @property
    def made(self) -> int:
        """How often a base was made."""
        return sum("unshare" in command for command in self.commands)


def test_make_once(tmp_path: Path) -> None:
    """A base is made from apt's own mirror, and kept until the recipe changes."""
    machine = FakeMachine()
    bases = Bases(tmp_path, machine.run)

    name = bases.make(["gcc"])

    assert name.startswith("localhost/ipt-terminal-base:")
    make = next(command for command in machine.commands if "unshare" in command)
    assert MIRROR in make
    assert make[-1] == "gcc"
    assert (bases.make(["gcc"]), machine.made) == (name, 1)
    assert bases.make(["gcc", "gdb"]) != name
    assert machine.made == 2
    assert not list(tmp_path.glob("work-*"))


def test_make_after_cut(tmp_path: Path) -> None:
    """What a run that was cut off left behind is removed, and no other thing."""
    left = tmp_path / "work-x" / "root"
    left.mkdir(parents=True)

    Bases(tmp_path, FakeMachine().run).make(["gcc"])

    assert not left.parent.exists()


@pytest.mark.parametrize(
    ("failing", "message"),
    [
        ("unshare", r"mirror of this machine's apt; is it reachable\?:\none\ntwo"),
        ("tar", "can't be packed"),
        ("import", "can't be imported"),
        ("images", "store of images can't be made"),
    ],
)
def test_make_refused(tmp_path: Path, failing: str, message: str) -> None:
    """A step that fails is named with its last lines; the next run tries again."""
    machine = FakeMachine(failing)
    bases = Bases(tmp_path, machine.run)

    with pytest.raises(ImageError, match=message):
        bases.make(["gcc"])

    machine.failing = ""
    assert bases.make(["gcc"])


def test_prepared_store(tmp_path: Path) -> None:
    """A store that is there already is used as it is."""
    (tmp_path / "images/overlay-images").mkdir(parents=True)
    machine = FakeMachine()

    assert Bases(tmp_path, machine.run).prepare() == tmp_path / "images"
    assert machine.commands == []


@pytest.mark.parametrize(
    "targets", ["", f"{MIRROR} trixie main\n", f"{MIRROR} bookworm contrib\n"]
)
def test_no_mirror(targets: str) -> None:
    """Without a mirror of that release the person is told so."""
    with pytest.raises(ImageError, match="has none for bookworm"):
        find_mirror(FakeMachine(targets=targets).run)


def test_no_apt() -> None:
    """A machine without apt has no mirror."""

    def run(_: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        raise FileNotFoundError("apt-get")

    with pytest.raises(ImageError, match="has none for bookworm"):
        find_mirror(run)


def test_cache_folder() -> None:
    """The cache folder of the user is used, where the environment names it."""
    assert Bases(environment={"XDG_CACHE_HOME": "/c"}).store == Path(
        "/c/ipt-on-the-web/images"
    )
    assert Bases(environment={}).store == (Path.home() / ".cache/ipt-on-the-web/images")


def test_command_too_slow() -> None:
    """A command that does not end has failed, and says so."""
    done = run_command(["sleep", "60"], patience_s=0.05)

    assert (done.returncode, done.stdout) == (1, "sleep did not end within 0.05 s")
    assert run_command(["sh", "-c", "echo x >&2; exit 3"]).stdout == "x\n"

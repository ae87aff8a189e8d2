"""Python packages for another Python than ours: that of an image.

    the lock ─▶ fetch: a folder of wheels, each checked against its digest
             ─▶ install: what is in them, unpacked for the image's Python
    checkout ─▶ build: the wheel of what is ours

They are chosen by pip for the image's Python and C library, and unpacked here; so the
image needs no pip, and building it needs no network.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agave_deploy.errors import ImageError
from agave_deploy.images.image_sources import SourceFiles
from agave_deploy.supply.lock import Pinned

__all__ = ["PROBE", "Pip", "Target", "Wheels", "pack_own", "run_pip"]

PROBE = """import importlib.util, json, os, sys
print(json.dumps({
    "python": "%d.%d" % sys.version_info[:2],
    "machine": os.uname().machine,
    "library": os.confstr("CS_GNU_LIBC_VERSION"),
    "executable": sys.executable,
    "venv": importlib.util.find_spec("venv") is not None,
}))
"""
_LAST_LINES = 8
_OLDEST_LIBRARY = 17  # 2.17; older tags are not used any more


@dataclass(frozen=True)
class Target:
    """The Python that packages are for.

    Attributes:
        python: its version, as `3.11`.
        machine: its processor, as `x86_64`.
        library: the minor version of its C library, GNU's 2.
        executable: where it lies.
        has_venv: whether it can make a Python of its own in a folder.
    """

    python: str
    machine: str
    library: int
    executable: str = "/usr/bin/python3"
    has_venv: bool = True

    @classmethod
    def read(cls, said: str) -> "Target":
        """Read what `PROBE` said.

        Raises:
            ImageError: There is no Python, or it is none that wheels are made for.
        """
        try:
            found = json.loads(said)
            library = int(found["library"].removeprefix("glibc 2."))
            program, has_venv = str(found["executable"]), bool(found["venv"])
            return cls(
                str(found["python"]),
                str(found["machine"]),
                library,
                executable=program,
                has_venv=has_venv,
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ImageError(
                "The base image needs Python 3 and the GNU C library. Its Python "
                f"said: {said.strip() or 'nothing'}"
            ) from error

    @property
    def version(self) -> tuple[int, ...]:
        """Its version, as numbers that compare."""
        return tuple(int(part) for part in self.python.split("."))

    @property
    def options(self) -> list[str]:
        """What tells pip about it."""
        platforms = [
            f"--platform=manylinux_2_{minor}_{self.machine}"
            for minor in range(self.library, _OLDEST_LIBRARY - 1, -1)
        ]
        return [
            *("--implementation=cp", f"--python-version={self.python}"),
            *("--only-binary=:all:", f"--platform=manylinux2014_{self.machine}"),
            *platforms,
        ]


Pip = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def run_pip(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run our own pip."""
    return subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


class Wheels:
    """A folder of wheels for one Python.

    Args:
        target: the Python.
        folder: where they lie; those of an earlier build may be there.
        pip: runs pip.
    """

    def __init__(self, target: Target, folder: Path, pip: Pip = run_pip) -> None:
        self._target = target
        self._folder = folder
        self._pip = pip

    def fetch(self, packages: Iterable[Pinned]) -> None:
        """Get the wheels of some packages, those that are here already left aside.

        Raises:
            ImageError: One can't be had for that Python, or is not what the lock says.
        """
        self._with_digests("download", packages, "--dest", str(self._folder))

    def install(self, packages: Iterable[Pinned], folder: Path) -> None:
        """Fill a folder with packages whose wheels are here; needs no network.

        Raises:
            ImageError: One is missing, or is not what the lock says.
        """
        options = ("--no-compile", "--no-index", "--target", str(folder))
        self._with_digests("install", packages, *options)

    def build(self, project: Path) -> Path:
        """Build the wheel of a project, with the tools that are here.

        Raises:
            ImageError: It can't be packed.
        """
        options = ("--no-deps", "--no-build-isolation", "--no-index")
        with tempfile.TemporaryDirectory(dir=self._folder) as work:
            self._do("wheel", *options, "--wheel-dir", work, str(project))
            (built,) = Path(work).glob("*.whl")
            return Path(shutil.move(built, self._folder / built.name))

    def unpack(self, wheel: Path, folder: Path) -> None:
        """Fill a folder with what is in one wheel.

        Raises:
            ImageError: It is none for that Python.
        """
        options = ("--no-compile", "--no-index", "--no-deps", "--target", str(folder))
        self._do("install", *options, *self._target.options, str(wheel))

    def _with_digests(
        self, verb: str, packages: Iterable[Pinned], *options: str
    ) -> None:
        with tempfile.TemporaryDirectory() as work:
            wanted = Path(work, "requirements")
            lines = [f"{pinned.entry}\n" for pinned in packages]
            wanted.write_text("".join(lines), "utf-8")
            self._do(
                *(verb, "--no-deps", "--require-hashes", *options),
                *("--find-links", str(self._folder), *self._target.options),
                *("-r", str(wanted)),
            )

    def _do(self, verb: str, *arguments: str) -> None:
        done = self._pip([verb, "--quiet", *arguments])
        if done.returncode != 0:
            last = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
            raise ImageError(
                f"The Python packages for Python {self._target.python} can't be had:\n"
                f"{last}"
            )


def pack_own(sources: SourceFiles, wheels: Wheels, folder: Path) -> None:
    """Fill a folder with what is ours and a terminal has.

    Raises:
        ImageError: It can't be packed.
    """
    with tempfile.TemporaryDirectory() as work:
        project = Path(work)
        for name, path in sources.own.items():
            copy = project / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        (project / "pyproject.toml").write_text(sources.project, "utf-8")
        wheels.unpack(wheels.build(project), folder)

"""Python packages for another Python than ours: that of an image.

They are wheels, chosen by pip for the image's Python and C library, and unpacked
here; so the image needs no pip, and building it needs no network.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agave_deploy.errors import ImageError
from agave_deploy.image_sources import SourceFiles

__all__ = ["PROBE", "SitePackages", "Target"]

PROBE = """import json, os, sys, venv
print(json.dumps({
    "python": "%d.%d" % sys.version_info[:2],
    "machine": os.uname().machine,
    "library": os.confstr("CS_GNU_LIBC_VERSION"),
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
    """

    python: str
    machine: str
    library: int

    @classmethod
    def read(cls, said: str) -> "Target":
        """Read what `PROBE` said.

        Raises:
            ImageError: There is no Python, or it is none that wheels are made for.
        """
        try:
            found = json.loads(said)
            library = found["library"].removeprefix("glibc 2.")
            return cls(found["python"], found["machine"], int(library))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ImageError(
                "The base image needs Python 3 with its module venv, and the GNU C "
                f"library. Its Python said: {said.strip() or 'nothing'}"
            ) from error

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


class SitePackages:
    """Makes folders of packages.

    Args:
        sources: the checkout.
        target: the Python that they are for.
        pip: runs pip.
    """

    def __init__(
        self, sources: SourceFiles, target: Target, pip: Pip = run_pip
    ) -> None:
        self._sources = sources
        self._target = target
        self._pip = pip

    def make_site(self, folder: Path) -> None:
        """Fill a folder with what others wrote.

        Raises:
            ImageError: A package can't be had for that Python.
        """
        self._install(
            folder,
            *("--constraint", str(self._sources.constraints)),
            *self._sources.requirements,
        )

    def make_own(self, folder: Path) -> None:
        """Fill a folder with what is ours.

        Raises:
            ImageError: It can't be packed.
        """
        with tempfile.TemporaryDirectory() as work:
            place, wheels = Path(work, "source"), Path(work, "wheels")
            for name, path in self._sources.own.items():
                copy = place / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
            (place / "pyproject.toml").write_text(self._sources.project, "utf-8")
            options = ("--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels))
            self._do("wheel", *options, str(place))
            self._install(folder, "--no-deps", *map(str, wheels.glob("*.whl")))

    def _install(self, folder: Path, *what: str) -> None:
        options = ["--no-compile", "--target", str(folder), *self._target.options]
        self._do("install", *options, *what)

    def _do(self, *arguments: str) -> None:
        done = self._pip([*arguments[:1], "--quiet", *arguments[1:]])
        if done.returncode != 0:
            last = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
            raise ImageError(
                f"The Python packages for Python {self._target.python} can't be had:\n"
                f"{last}"
            )

"""What the image of a terminal is made of, and the archive that an engine gets.

    checkout ─▶ SourceFiles ─▶ digest: is the image up to date?
                            ─▶ the context of the stage `tools`: no Python yet
    tools ─▶ Target ─▶ pip ─▶ `site`, what others wrote; `own`, webterm and ipt
                            ─▶ the whole context

The terminal gets a distribution of its own, of two packages: a user has no use for
the functions, the tenant or the deployer, and what is not there can't leak.
"""

import hashlib
import re
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Final

from agave_deploy.errors import ImageError
from agave_deploy.supply.lock import Lock, Pinned

__all__ = ["SourceFiles", "pack", "read_packages", "read_project", "walk"]

_FOLDER: Final = Path("functions/terminal/image")
_OWN: Final = ("shared/ipt", "shared/webterm")
_NEEDED: Final = frozenset({"cryptography", "islpy", "libclang", "websockets"})
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]")
_PROJECT: Final = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "{name}"
version = "{version}"
requires-python = "{python}"
[tool.hatch.build.targets.wheel]
packages = ["ipt", "webterm"]
"""


@dataclass(frozen=True)
class SourceFiles:
    """The files of a checkout that go into the image.

    Attributes:
        root: of the checkout.
    """

    root: Path

    @cached_property
    def image(self) -> Mapping[str, Path]:
        """The image's own files, by their names in the context."""
        return dict(walk(self.root / _FOLDER, ""))

    @cached_property
    def own(self) -> Mapping[str, Path]:
        """The packages that are ours, by their names below the site's folder."""
        found: dict[str, Path] = {}
        for place in _OWN:
            folder = self.root / place
            found.update(walk(folder, f"{folder.name}/"))
        return found

    @cached_property
    def requirements(self) -> tuple[str, ...]:
        """What they need of others."""
        wanted = self._project["dependencies"]
        return tuple(line for line in wanted if _NAME.split(line)[0] in _NEEDED)

    @cached_property
    def packages(self) -> tuple[Pinned, ...]:
        """What is installed of others: those, and what they need."""
        return Lock.read(self.root).closure(self.requirements)

    @property
    def version(self) -> str:
        """The checkout's version."""
        return str(self._project["version"])

    @property
    def project(self) -> str:
        """The description of the distribution of what is ours."""
        python = self._project["requires-python"]
        name = self._project["name"]
        return _PROJECT.format(name=name, version=self.version, python=python)

    def digest(self, base: str) -> str:
        """Return what changes when the image would.

        Args:
            base: id of the base image.
        """
        total = hashlib.sha256(f"{base}\n{self.project}".encode())
        for pinned in self.packages:
            total.update(f"{pinned.entry}\n".encode())
        for name, path in sorted({**self.image, **self.own}.items()):
            total.update(f"\n{name}\n".encode())
            total.update(path.read_bytes())
        return total.hexdigest()

    @cached_property
    def _project(self) -> dict[str, Any]:
        return read_project(self.root)


def read_project(root: Path) -> dict[str, Any]:
    """Return the table `project` of a checkout's pyproject.toml.

    Raises:
        ImageError: There is none.
    """
    try:
        text = (root / "pyproject.toml").read_text("utf-8")
        project: dict[str, Any] = tomllib.loads(text)["project"]
    except (OSError, ValueError, KeyError) as error:
        raise ImageError(f"{root} is not the checkout: {error}") from error
    return project


def read_packages(root: Path) -> list[str]:
    """Return the names of the Debian packages that a terminal has."""
    lines = (root / _FOLDER / "packages").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def pack(files: Mapping[str, Path], archive: IO[bytes]) -> None:
    """Pack files, so that the same files make the same archive."""
    with tarfile.open(fileobj=archive, mode="w") as packed:
        for name, path in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            with path.open("rb") as stream:
                packed.addfile(entry, stream)


def walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """Yield the files below a folder, but for what Python has made there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield prefix + path.relative_to(folder).as_posix(), path

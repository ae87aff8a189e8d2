"""What the image of a function is made of, and the name that follows from it.

    actors.yaml: name, extras ─▶ parts: its own package, the shared ones that it needs
    pyproject.toml, the lock  ─▶ what they need of others, by the names of the extras
    Dockerfile, the recipe    ─▶ digest ─▶ `<prefix><name>:<version>-<12 digits>`

The name follows from the checkout alone, so that whoever plans a deployment needs no
engine.  The base image is not part of it: it is the operator's choice.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from agave_deploy.bundle.models import Function
from agave_deploy.errors import ImageError
from agave_deploy.images.image_sources import read_project, walk
from agave_deploy.supply.lock import Lock, Pinned

__all__ = ["SHARED", "FunctionSources", "image_name"]

SHARED: Final[Mapping[str, tuple[str, ...]]] = {
    "function": ("iptweb", "sandbox"),
    "hosts": ("sshlink",),
    "engine": ("ipt",),
}
"""The shared packages of an image, by the groups of dependencies that it has.  A test
holds them against what the functions import."""

_DOCKERFILE: Final = Path("functions/Dockerfile")
# What turns all that into layers: with another recipe it is another image.
_RECIPE: Final = Path(__file__).with_name("image_layers.py")
_COMMON: Final = "function"
_DIGITS: Final = 12
# What only tests have a use for, and what another image is made of.
_LEFT_OUT: Final = frozenset({"image", "testing", "testing.py"})


@dataclass(frozen=True)
class FunctionSources:
    """The files of a checkout that go into a function's image.

    Attributes:
        root: of the checkout.
        function: whose image it is.
    """

    root: Path
    function: Function

    @property
    def extras(self) -> tuple[str, ...]:
        """The groups that not every function has."""
        return tuple(sorted(set(self.function.extras) - {_COMMON}))

    @cached_property
    def packages(self) -> tuple[Pinned, ...]:
        """What others wrote and every function has."""
        return self._lock.closure(self._requirements(_COMMON))

    @cached_property
    def extra_packages(self) -> tuple[Pinned, ...]:
        """What others wrote and this function has besides."""
        wanted = [line for group in self.extras for line in self._requirements(group)]
        return tuple(
            pinned
            for pinned in self._lock.closure(wanted)
            if pinned not in self.packages
        )

    @property
    def shared_packages(self) -> tuple[str, ...]:
        """The names of the packages of ours that it shares with others."""
        groups = (_COMMON, *self.extras)
        return tuple(name for group in groups for name in SHARED.get(group, ()))

    @cached_property
    def shared(self) -> Mapping[str, Path]:
        """Their files, by their names below the site's folder."""
        found: dict[str, Path] = {}
        for name in self.shared_packages:
            found.update(_product(self.root / "shared" / name, f"{name}/"))
        return found

    @cached_property
    def own(self) -> Mapping[str, Path]:
        """The files of its own package, by their names below the site's folder."""
        package = Path(*self.function.package.split("."))
        files = dict(_product(self.root / package, f"{package.as_posix()}/"))
        if not files:
            raise ImageError(
                f"There is no folder {package} for the function {self.function.name}"
            )
        return {"functions/__init__.py": self.root / "functions/__init__.py", **files}

    @property
    def dockerfile(self) -> Path:
        """The one that all functions share."""
        return self.root / _DOCKERFILE

    @property
    def version(self) -> str:
        """The checkout's version."""
        return str(self._project["version"])

    @cached_property
    def digest(self) -> str:
        """What changes when the image would, its base left aside."""
        total = hashlib.sha256(f"{self.function.package}\n{self.version}\n".encode())
        for pinned in (*self.packages, *self.extra_packages):
            total.update(f"{pinned.entry}\n".encode())
        files = {
            "Dockerfile": self.dockerfile,
            "recipe": _RECIPE,
            **self.shared,
            **self.own,
        }
        for name, path in sorted(files.items()):
            content = path.read_bytes()
            total.update(f"{name} {len(content)}\n".encode())
            total.update(content)
        return total.hexdigest()

    @cached_property
    def _lock(self) -> Lock:
        return Lock.read(self.root)

    def _requirements(self, group: str) -> list[str]:
        """Return what a group needs of others."""
        groups = self._project.get("optional-dependencies", {})
        if group not in groups:
            raise ImageError(
                f"The function {self.function.name} wants the extra {group} in "
                "actors.yaml, and pyproject.toml has none under optional-dependencies"
            )
        return list(groups[group])

    @cached_property
    def _project(self) -> dict[str, Any]:
        return read_project(self.root)


def image_name(root: Path, function: Function, prefix: str) -> str:
    """Return the name of a function's image, as its content demands.

    Args:
        root: of the checkout.
        function: whose image it is.
        prefix: of all images, as `ipt/` or `registry.example.org/ipt/`.

    Raises:
        ImageError: A file that goes into it is not there.
    """
    sources = FunctionSources(root, function)
    try:
        digest = sources.digest[:_DIGITS]
    except OSError as error:
        raise ImageError(
            f"The image of {function.name} can't be named: {error.filename} can't be "
            f"read: {error.strerror}"
        ) from error
    return f"{prefix}{function.name}:{sources.version}-{digest}"


def _product(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of a package, but for what only tests and others need."""
    for name, path in walk(folder, prefix):
        if not _LEFT_OUT & set(Path(name).parts[1:]):
            yield name, path

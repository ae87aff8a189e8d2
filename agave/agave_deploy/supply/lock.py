"""The lock: which versions are installed, and the digests of their files.

    pyproject.toml ─▶ ./build.sh lock ─▶ requirements.lock ─▶ ./build.sh: all of it
                                                           ─▶ closure: what an image has

Besides versions and digests the lock says of each package what needs it ("via"), as
`uv pip compile` writes it; so what a few packages need follows without any registry.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agave_deploy.errors import ImageError

__all__ = ["LOCK", "UNUSED", "Lock", "Pinned", "normalize"]

LOCK: Final = "requirements.lock"
UNUSED: Final[Mapping[str, frozenset[str]]] = {
    "agavepy": frozenset(
        {"backports-ssl-match-hostname", "cloudpickle", "configparser", "pytest"}
    ),
}
"""What a package asks for, and what a function has no use for.  agavepy 0.9.5 names its
tests' tools, a back-port for Python 2, one that it never imports, and what only its
`agavepy.actors` does.  A test imports all functions without them."""

_ENTRY: Final = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;]+)"
    r"(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$"
)
_HASH: Final = re.compile(r"^\s+--hash=(?P<hash>sha256:[0-9a-f]{64})\s*\\?$")
_VIA: Final = re.compile(r"^\s+#\s+(?:via\s+)?(?P<who>(?!via$)\S.*)$")
_NAME: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
_OURS: Final = re.compile(r"\(pyproject\.toml(?::(?P<group>[\w-]+))?\)$")


def normalize(name: str) -> str:
    """Return a package's name in the one spelling that compares (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Pinned:
    """One package of the lock.

    Attributes:
        name: normalized.
        version: the one that is installed.
        hashes: of its files, as `sha256:…`.
        marker: on which machines it is wanted; empty for all.
        needed_by: packages of the lock that need it.
        groups: of `pyproject.toml` that name it; empty text for the dependencies.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str = ""
    needed_by: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    @property
    def entry(self) -> str:
        """Its lines for `pip install --require-hashes -r`."""
        wanted = f"{self.name}=={self.version}"
        first = f"{wanted} ; {self.marker}" if self.marker else wanted
        return " \\\n    ".join([first, *(f"--hash={one}" for one in self.hashes)])


class Lock:
    """All packages of a lock.

    Args:
        packages: in any order.
    """

    def __init__(self, packages: Iterable[Pinned]) -> None:
        self.packages: Mapping[str, Pinned] = {one.name: one for one in packages}

    def __iter__(self) -> Iterator[Pinned]:
        return iter(self.packages.values())

    @classmethod
    def read(cls, root: Path) -> "Lock":
        """Read the lock of a checkout.

        Raises:
            ImageError: There is none, or a line of it says nothing that we know.
        """
        path = root / LOCK
        try:
            lines = path.read_text("utf-8").splitlines()
        except OSError as error:
            raise ImageError(f"{path.name} can't be read: {error.strerror}") from error
        return cls(_read_entries(lines))

    def closure(
        self,
        requirements: Iterable[str],
        unused: Mapping[str, frozenset[str]] = UNUSED,
    ) -> tuple[Pinned, ...]:
        """Return what has to be installed for some requirements, sorted by name.

        Args:
            requirements: as in `pyproject.toml`, such as `requests>=2.31`.
            unused: what packages ask for and need not get.

        Raises:
            ImageError: A requirement is not in the lock.
        """
        waiting = [_name_of(line) for line in requirements]
        found: dict[str, Pinned] = {}
        while waiting:
            name = waiting.pop()
            if name not in self.packages:
                raise ImageError(
                    f"{LOCK} has no {name}: it is older than pyproject.toml. "
                    "Make it anew: ./build.sh lock"
                )
            if name in found:
                continue
            found[name] = self.packages[name]
            cut = unused.get(name, frozenset())
            waiting += [
                other.name
                for other in self.packages.values()
                if name in other.needed_by and other.name not in cut
            ]
        return tuple(found[name] for name in sorted(found))


def _name_of(requirement: str) -> str:
    match = _NAME.match(requirement.strip())
    if match is None:
        raise ImageError(f"{requirement!r} is no requirement of a package")
    return normalize(match[0])


def _read_entries(lines: Iterable[str]) -> list[Pinned]:
    """Cut the lock into its entries: a line of its own, then hashes, then who."""
    entries: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace() and entries:
            entries[-1][1].append(line)
        else:
            entries.append((number, [line]))
    return [_read_entry(number, lines) for number, lines in entries]


def _read_entry(number: int, lines: list[str]) -> Pinned:
    match = _ENTRY.match(lines[0])
    if match is None:
        raise _unreadable(number)
    hashes, needed_by, groups = [], set[str](), set[str]()
    for place, line in enumerate(lines[1:], start=number + 1):
        if digest := _HASH.match(line):
            hashes.append(digest["hash"])
        elif who := _VIA.match(line):
            _note(who["who"], needed_by, groups)
        elif line.strip() != "# via":
            raise _unreadable(place)
    if not hashes:
        raise ImageError(f"{LOCK} has no digest for {match['name']}; ./build.sh lock")
    return Pinned(
        name=normalize(match["name"]),
        version=match["version"],
        hashes=tuple(hashes),
        marker=(match["marker"] or "").strip(),
        needed_by=frozenset(needed_by),
        groups=frozenset(groups),
    )


def _note(who: str, needed_by: set[str], groups: set[str]) -> None:
    """Note what needs an entry: a package, or a group of ours."""
    if ours := _OURS.search(who):
        groups.add(ours["group"] or "")
    elif _NAME.fullmatch(who):
        needed_by.add(normalize(who))


def _unreadable(number: int) -> ImageError:
    return ImageError(f"{LOCK}, line {number}, can't be read; ./build.sh lock makes it")

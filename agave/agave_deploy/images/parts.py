"""What software is made of: packages of Python and of the site.

Where a wheel is at hand its own digest and licence are taken; otherwise the lock has
the digests, and what is installed here tells the licence.
"""

import base64
import email.parser
import hashlib
import importlib.metadata
import json
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any, Final, Literal

from packageurl import PackageURL

from agave_deploy.errors import ImageError
from agave_deploy.supply.lock import Lock, Pinned, normalize

__all__ = ["Package", "read_checkout", "read_npm_lock", "read_wheels"]

_NPM_LOCK: Final = Path("static_site/package-lock.json")
_DEVELOPMENT: Final = frozenset({"dev", "tools"})
_LONGEST: Final = 60
# Classifiers and names of old packages' licences that mean one SPDX identifier only.
_SPDX: Final[Mapping[str, str]] = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License (ISCL)": "ISC",
    "ISC license": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ZPL 2.1": "ZPL-2.1",
}


@dataclass(frozen=True)
class Package:
    """One package that somebody else wrote.

    Attributes:
        name: normalized; with its scope in npm, as `@lezer/common`.
        version: the one that is used.
        kind: of its registry.
        licence: by SPDX where it is known; empty where nobody said.
        digests: as `sha256:…`; of its file, or of those of which one is used.
        needed_by: names of the packages that need it.
        direct: whether the product itself asks for it.
        development: whether it is only for making and testing the product.
    """

    name: str
    version: str
    kind: Literal["pypi", "npm"] = "pypi"
    licence: str = ""
    digests: tuple[str, ...] = ()
    needed_by: frozenset[str] = frozenset()
    direct: bool = False
    development: bool = False

    @property
    def purl(self) -> str:
        """Its package URL, the same in all lists of weaknesses."""
        scope, _, name = self.name.rpartition("/")
        return PackageURL(self.kind, scope or None, name, self.version).to_string()


def read_wheels(folder: Path, packages: Iterable[Pinned]) -> list[Package]:
    """Return what is in an image, from the wheels that it was made of.

    Args:
        folder: where the wheels lie, others among them.
        packages: those that are in the image.

    Raises:
        ImageError: A wheel is missing or can't be read.
    """
    wheels = {_to_key(path): path for path in sorted(folder.glob("*.whl"))}
    return [_read_wheel(wheels, pinned) for pinned in packages]


def _to_key(wheel: Path) -> tuple[str, str]:
    name, version, *_ = f"{wheel.stem}-".split("-")
    return normalize(name), version


def _read_wheel(wheels: Mapping[tuple[str, str], Path], pinned: Pinned) -> Package:
    path = wheels.get((pinned.name, pinned.version))
    if path is None:
        raise ImageError(f"There is no wheel of {pinned.name} {pinned.version}")
    try:
        with zipfile.ZipFile(path) as wheel:
            (place,) = (
                name
                for name in wheel.namelist()
                if name.count("/") == 1 and name.endswith(".dist-info/METADATA")
            )
            metadata = email.parser.BytesParser().parsebytes(wheel.read(place))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ImageError(f"The wheel {path.name} can't be read: {error}") from error
    return Package(
        name=pinned.name,
        version=pinned.version,
        licence=_read_licence(metadata),
        digests=(f"sha256:{digest}",),
        needed_by=pinned.needed_by,
        direct=bool(pinned.groups),
    )


def read_checkout(root: Path) -> tuple[str, list[Package]]:
    """Return the name of a checkout and all that it is made of.

    Raises:
        ImageError: One of its locks can't be read.
    """
    try:
        text = (root / "pyproject.toml").read_text("utf-8")
        project = tomllib.loads(text)["project"]
        name = f"{project['name']}:{project['version']}"
        site = json.loads((root / _NPM_LOCK).read_text("utf-8"))
    except (OSError, ValueError, KeyError) as error:
        raise ImageError(f"{root} is not the checkout: {error}") from error
    lock = Lock.read(root)
    shipped = {one.name for one in lock.closure(project["dependencies"], {})}
    ours = [
        Package(
            name=pinned.name,
            version=pinned.version,
            licence=_installed_licence(pinned.name),
            digests=pinned.hashes,
            needed_by=pinned.needed_by,
            direct=bool(pinned.groups),
            development=pinned.name not in shipped,
        )
        for pinned in lock
    ]
    return name, [*ours, *read_npm_lock(site)]


def read_npm_lock(document: Mapping[str, Any]) -> list[Package]:
    """Return the packages of a `package-lock.json`.

    Raises:
        ImageError: It is none of version 2 or 3, or a package has no digest.
    """
    try:
        entries = dict(document["packages"])
        project = entries.pop("")
        direct = {
            **project.get("dependencies", {}),
            **project.get("devDependencies", {}),
        }
        return [_read_npm(place, entries, direct) for place in sorted(entries)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ImageError(f"package-lock.json can't be read: {error!r}") from error


def _read_npm(
    place: str, entries: Mapping[str, Any], direct: Mapping[str, str]
) -> Package:
    entry, name = entries[place], _npm_name(place)
    algorithm, _, value = entry["integrity"].partition("-")
    needed_by = frozenset(
        _npm_name(other)
        for other, found in entries.items()
        if name in found.get("dependencies", {})
    )
    return Package(
        name=name,
        version=entry["version"],
        kind="npm",
        licence=entry.get("license", ""),
        digests=(f"{algorithm}:{base64.b64decode(value, validate=True).hex()}",),
        needed_by=needed_by,
        direct=name in direct,
        development=bool(entry.get("dev")),
    )


def _npm_name(place: str) -> str:
    return place.rpartition("node_modules/")[2]


def _installed_licence(name: str) -> str:
    """Return the licence of a package that may be installed here."""
    try:
        text = importlib.metadata.distribution(name).read_text("METADATA")
    except importlib.metadata.PackageNotFoundError:
        return ""
    return _read_licence(email.parser.Parser().parsestr(text or ""))


def _read_licence(metadata: Message) -> str:
    """Return what a package says of its licence, by SPDX where that is plain.

    Old packages put a whole text, or nothing, where a name was meant.
    """
    expression = metadata.get("License-Expression", "").strip()
    said = [metadata.get("License", "").strip()]
    said += [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier", [])
        if line.startswith("License ::")
    ]
    names = [line for line in said if line and "\n" not in line]
    names = [line for line in names if len(line) <= _LONGEST and line != "UNKNOWN"]
    known = [_SPDX[line] for line in names if line in _SPDX]
    found = [*([expression] if expression else []), *known, *names]
    return found[0] if found else ""

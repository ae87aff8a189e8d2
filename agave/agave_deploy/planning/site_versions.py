"""The site in versions: a folder for each, and pages that name the one they belong to.

    site/index.html …      the pages, at addresses that never change: they load
    site/<version>/…       everything else from the folder of their own version
    site/versions.json     which version the pages are of, and which ones are kept

A version is named by its content.  Its folder is written once and never changed, so a
page that is open while another version comes still finds what belongs to it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from agave_deploy.errors import ManifestError
from agave_deploy.planning.folders import CONFIG_FILE, Folder

__all__ = [
    "KEPT",
    "NO_SITE",
    "RECORD_FILE",
    "VERSION",
    "SiteRecord",
    "name_version",
    "read_record",
    "stable_files",
    "version_folder",
    "write_record",
]

KEPT: Final = 3
"""How many versions stay: the one that the pages are of, and the two before it."""

RECORD_FILE: Final = "versions.json"
VERSION: Final = re.compile(r"[0-9a-f]{12}")
_DIGITS: Final = 12
_PAGE: Final = ".html"
# What a script may name by an address relative to its page.
_STABLE: Final = (".svg", ".png", ".ico", ".webmanifest")
_REFERENCE: Final = re.compile(
    r"(?P<before>\b(?:src|href)=[\"'])(?P<name>[^\"'#?:]+)(?P<after>[\"'])"
)


@dataclass(frozen=True)
class SiteRecord:
    """What `versions.json` says.

    Attributes:
        versions: the newest first; the pages are of the first one.
        pages: names of the files at the site's stable addresses.
        complete: whether all pages are of that version; false while they are written.
    """

    versions: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    complete: bool = False

    @property
    def version(self) -> str:
        """The version of the pages; empty where there is no site."""
        return self.versions[0] if self.versions else ""

    def beginning(self, version: str, pages: tuple[str, ...]) -> "SiteRecord":
        """Return what is noted before the pages of a version are written.

        Args:
            version: that comes.
            pages: its own; those that are there stay noted until they are gone.
        """
        others = tuple(each for each in self.versions if each != version)
        known = tuple(sorted({*self.pages, *pages}))
        return SiteRecord((version, *others), known)

    def ended(self, pages: tuple[str, ...]) -> "SiteRecord":
        """Return what is noted once all pages are written."""
        kept = self.versions[:KEPT]
        return replace(self, versions=kept, pages=tuple(sorted(pages)), complete=True)


NO_SITE: Final = SiteRecord()


def read_record(content: bytes | None) -> SiteRecord:
    """Return what the file says; no site where it is missing or damaged."""
    try:
        value = json.loads(content or b"{}")
        versions = tuple(str(each) for each in value["versions"])
        pages = tuple(str(each) for each in value["pages"])
        complete = value["complete"] is True
    except (KeyError, TypeError, ValueError):
        return NO_SITE
    if not all(VERSION.fullmatch(each) for each in versions):
        return NO_SITE
    return SiteRecord(versions, pages, complete)


def write_record(record: SiteRecord) -> bytes:
    """Return the content of the file."""
    value = {
        "versions": list(record.versions),
        "pages": list(record.pages),
        "complete": record.complete,
    }
    return json.dumps(value, indent=1).encode()


def name_version(folder: Folder) -> str | None:
    """Return the name of a site's version; None while its config is unknown."""
    if CONFIG_FILE not in folder.files:
        return None
    total = hashlib.sha256()
    for name, digest in sorted(folder.digests().items()):
        total.update(f"{name}\0{digest}\n".encode())
    return total.hexdigest()[:_DIGITS]


def version_folder(folder: Folder, version: str) -> Folder:
    """Return the folder of a version, which holds everything of the site."""
    return replace(folder, path=f"{folder.path}/{version}")


def stable_files(folder: Folder, version: str) -> dict[str, bytes]:
    """Return the files at the stable addresses: pages, and what scripts name by them.

    Raises:
        ManifestError: A page names a file that the site does not have.
    """
    return dict(_stable(folder.files, version))


def _stable(files: Mapping[str, bytes], version: str) -> Iterator[tuple[str, bytes]]:
    for name, content in files.items():
        if "/" in name:
            continue
        if name.endswith(_PAGE):
            yield name, _point(name, content, files, version)
        elif name.endswith(_STABLE):
            yield name, content


def _point(
    page: str, content: bytes, files: Mapping[str, bytes], version: str
) -> bytes:
    """Return a page that takes everything but other pages from its version."""

    def rewrite(found: "re.Match[str]") -> str:
        name = found["name"]
        if name.startswith("/"):
            return found[0]
        if name.endswith(_PAGE):
            return found[0]
        if name not in files:
            raise ManifestError(f"static_site/{page} names {name}, which is not there.")
        return f"{found['before']}{version}/{name}{found['after']}"

    return _REFERENCE.sub(rewrite, content.decode("utf-8")).encode()

"""Folders that are copied to a storage system: the site, and the apps' scripts.

A copied folder holds one more file, `manifest.sha256.json`, with the digest of each
file that was copied; it is written last, so that it never claims too much.
"""

import hashlib
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from agave_deploy.bundle.models import App
from agave_deploy.errors import ManifestError
from agave_deploy.profiles.profile import Profile

__all__ = [
    "CONFIG_FILE",
    "MANIFEST_FILE",
    "SITE",
    "Folder",
    "differences",
    "media_type",
    "read_app_folder",
    "read_digests",
    "read_site_folder",
    "write_digests",
]

CONFIG_FILE = "config.js"
MANIFEST_FILE = "manifest.sha256.json"
SITE = "site"  # the folder of the site on its system
_SITE_LEAVES_OUT = {"node_modules", "scripts", "tests"}
_SITE_FILES = {".html", ".js", ".css", ".svg", ".png", ".ico", ".woff2", ".webmanifest"}
_MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".sh": "text/x-shellscript",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".ico": "image/vnd.microsoft.icon",
}


@dataclass(frozen=True)
class Folder:
    """Files and where on which system they shall lie.

    Attributes:
        system: a storage system.
        path: of the folder there, from the root, without slashes at the ends.
        files: content by relative path.
        public: whether everybody may read it without a token.
    """

    system: str
    path: str
    files: Mapping[str, bytes] = field(repr=False)
    public: bool = False

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each file."""
        return {
            name: hashlib.sha256(content).hexdigest()
            for name, content in self.files.items()
        }


def read_app_folder(app: App) -> Folder:
    """Return an app's scripts, read from the checkout."""
    names = [str(app.document["templatePath"]), str(app.document["testPath"])]
    files = {name: (app.folder / name).read_bytes() for name in names}
    files |= {path.name: path.read_bytes() for path in app.shared}
    return Folder(app.system, app.path, files)


def read_site_folder(site: Path, profile: Profile, config: str | None) -> Folder:
    """Return the site's files.

    Args:
        site: folder in the checkout.
        profile: of the tenant.
        config: text of the file that knows the addresses; None while it is unknown.

    Raises:
        ManifestError: There is no site, or its third-party modules are missing.
    """
    files = {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and _belongs_to_site(path.relative_to(site))
    }
    if "index.html" not in files:
        raise ManifestError("static_site has no index.html.")
    if not any(name.startswith("vendor/") for name in files):
        raise ManifestError(
            "static_site/vendor is missing: run npm ci && npm run vendor there."
        )
    if config is not None:
        files[CONFIG_FILE] = config.encode()
    return Folder(profile.site_system, SITE, files, public=True)


def _belongs_to_site(path: Path) -> bool:
    if path.parts[0] in _SITE_LEAVES_OUT or path.name in (
        CONFIG_FILE,
        "config.example.js",
    ):
        return False
    if any(part.startswith(".") for part in path.parts):
        return False
    return path.suffix in _SITE_FILES or path.suffix == ".LICENSE"


def media_type(name: str) -> str:
    """Return the content type of a file, by its name."""
    suffix = PurePosixPath(name).suffix
    if suffix in _MEDIA_TYPES:
        return _MEDIA_TYPES[suffix]
    return mimetypes.guess_type(name)[0] or "text/plain"


def write_digests(digests: Mapping[str, str]) -> bytes:
    """Return the content of the manifest file."""
    return json.dumps({"files": dict(sorted(digests.items()))}, indent=1).encode()


def read_digests(content: bytes | None) -> dict[str, str]:
    """Return what a manifest file says; nothing where it is missing or damaged."""
    try:
        value = json.loads(content or b"{}")
    except ValueError:
        return {}
    files = value.get("files") if isinstance(value, dict) else None
    if not isinstance(files, dict):
        return {}
    return {str(name): str(digest) for name, digest in files.items()}


def differences(
    wanted: Mapping[str, str], found: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files to write and the files to delete.

    Pages come last among those to write, so that none names what is not there yet.
    """
    changed = [name for name, digest in wanted.items() if found.get(name) != digest]
    removed = sorted(found.keys() - wanted.keys())
    return tuple(sorted(changed, key=_pages_last)), tuple(removed)


def _pages_last(name: str) -> tuple[bool, str]:
    return name.endswith(".html"), name

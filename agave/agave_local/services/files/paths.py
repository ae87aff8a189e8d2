"""Names and paths as callers write them, checked before anything is touched."""

import unicodedata

from agave_local.errors import BadRequest

MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 4096
MAX_DEPTH = 64

Parts = tuple[str, ...]


def read_parts(path: str) -> Parts:
    """Split a path into its names; empty ones and `.` fall away.

    Args:
        path: as the caller wrote it, with or without a leading slash.

    Raises:
        BadRequest: a name that no honest caller writes.
    """
    if len(_encode(path)) > MAX_PATH_BYTES:
        raise BadRequest(f"A path has at most {MAX_PATH_BYTES} bytes.")
    parts = tuple(name for name in path.split("/") if name not in ("", "."))
    if len(parts) > MAX_DEPTH:
        raise BadRequest(f"A path has at most {MAX_DEPTH} folders.")
    for name in parts:
        _check(name)
    return parts


def read_name(name: str) -> str:
    """Check the name of one file or folder.

    Raises:
        BadRequest: it is none, or holds a slash.
    """
    if "/" in name or name in ("", "."):
        raise BadRequest("A name is not empty, not a dot, and holds no slash.")
    _check(name)
    return name


def to_path(parts: Parts) -> str:
    """Write names as a path from the system's rootDir."""
    return "/" + "/".join(parts)


def to_shown(name: str) -> str:
    """Make a name of the disk fit for JSON: bytes that are not UTF-8 become �."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _check(name: str) -> None:
    if name == "..":
        raise BadRequest("A path may not hold '..'.")
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        raise BadRequest("A path may not hold control characters.")
    if "\ufffd" in name:
        raise BadRequest("A path must be valid UTF-8.")
    if len(_encode(name)) > MAX_NAME_BYTES:
        raise BadRequest(f"A name has at most {MAX_NAME_BYTES} bytes.")


def _encode(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadRequest("A path must be valid UTF-8.") from error

"""Where in the home the files are that a compiler names.

A job's inputs are copied to the top of its folder, where the compiler sees them under
their own names; so a name leads back to what was copied.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

__all__ = ["HomePlaces"]

# The job's folder in a path that the linker or clang writes out in full: Agave's
# `job-<id>-<name>`, or the `work` of a job.  What is after the last one is below it.
_FOLDER: Final = re.compile(r".*/(?:work|job-[^/]+|\.)/")


class HomePlaces:
    """Finds a job's inputs again.

    Args:
        inputs: Of the job, as Agave has them: a name, and one address or several.
        user: Whose home it is.
        storage_system: Where the home is.
    """

    def __init__(
        self, inputs: Mapping[str, Any], user: str, storage_system: str
    ) -> None:
        self._home = f"/{user}/"
        self._storage_system = storage_system
        self._by_name: dict[str, str] = {}
        for address in _addresses(inputs):
            path = self._path_of(address)
            if path:
                self._by_name.setdefault(PurePosixPath(path).name, path)

    def find(self, file: str) -> str:
        """Return the path in the home of what a compiler names; empty for the rest."""
        name = self.name(file)
        parts = name.split("/")
        if name.startswith("/") or ".." in parts:
            return ""
        copied = self._by_name.get(parts[0])
        return "/".join((copied, *parts[1:])) if copied else ""

    def name(self, file: str) -> str:
        """Return a file's name as people know it: without the job's folder."""
        found = _FOLDER.match(file) if file.startswith("/") else None
        inside = file[found.end() :] if found else file
        if inside.startswith("/"):
            return inside
        return "/".join(part for part in inside.split("/") if part not in {"", "."})

    def _path_of(self, address: str) -> str:
        try:
            parts = urlsplit(address)
        except ValueError:
            return ""
        path = unquote(parts.path)
        if parts.netloc != self._storage_system or not path.startswith(self._home):
            return ""
        return path.removeprefix(self._home).rstrip("/")


def _addresses(inputs: Mapping[str, Any]) -> Iterable[str]:
    for given in inputs.values():
        for one in given if isinstance(given, list) else [given]:
            if isinstance(one, str):
                yield one

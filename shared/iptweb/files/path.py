"""Paths inside a home, and no way out of it.

A path comes from a person and goes into an address of the platform.  It is taken
apart here, checked part by part, and only put together again from what passed.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from iptweb.errors import BadRequest
from iptweb.users import read_user_name

__all__ = ["MAX_NAME", "MAX_PATH", "HomePath"]

MAX_PATH: Final = 1000
MAX_NAME: Final = 255
_ALIASES: Final = ("~", "/home/ipt")
# Control characters, and marks that make a name read other than it is written.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


@dataclass(frozen=True)
class HomePath:
    """A place below a home; no parts means the home itself."""

    parts: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str, *, field: str = "path") -> "HomePath":
        """Read what a person wrote: `x/y`, `~/x/y` or `/home/ipt/x/y`.

        Raises:
            BadRequest: It leaves the home or holds characters that no name may have.
        """
        if len(text) > MAX_PATH:
            raise BadRequest(
                f"{field} is longer than {MAX_PATH} characters.", field=field
            )
        inside = _strip_home(text)
        if inside.startswith("/"):
            raise BadRequest(
                f"{field} must be inside your home folder: write it without the "
                "leading slash, or as ~/name.",
                field=field,
            )
        parts = tuple(part for part in inside.split("/") if part not in {"", "."})
        for part in parts:
            check_name(part, field)
        return cls(parts)

    @property
    def text(self) -> str:
        """The path relative to the home, empty for the home itself."""
        return "/".join(self.parts)

    @property
    def name(self) -> str:
        """The last part, empty for the home itself."""
        return self.parts[-1] if self.parts else ""

    @property
    def parent(self) -> "HomePath":
        """The folder it is in; the home's parent is the home."""
        return HomePath(self.parts[:-1])

    def child(self, name: str, *, field: str = "name") -> "HomePath":
        """Return the path of an entry of this folder.

        Raises:
            BadRequest: That is not the name of one entry.
        """
        if name in {"", "."} or "/" in name:
            raise BadRequest(f"{field} must be one name, without a slash.", field=field)
        check_name(name, field)
        return HomePath((*self.parts, name))

    def on_storage(self, user: str) -> str:
        """Return the path on the storage system, below the user's folder."""
        return "/".join((read_user_name(user), *self.parts))

    def to_uri(self, system: str, user: str) -> str:
        """Return the `agave://` address that a job's input is given as."""
        return f"agave://{system}/{quote(self.on_storage(user))}"


def check_name(name: str, field: str) -> None:
    """Refuse what can't be one name in a folder.

    Raises:
        BadRequest: It can't; does not repeat the name.
    """
    if name == "..":
        raise BadRequest(f"{field} must not hold '..'.", field=field)
    if _UNSAFE.search(name):
        raise BadRequest(f"{field} holds a character no name may have.", field=field)
    if len(name.encode()) > MAX_NAME:
        raise BadRequest(f"{field} has a name over {MAX_NAME} bytes.", field=field)


def _strip_home(text: str) -> str:
    for alias in _ALIASES:
        if text == alias:
            return ""
        if text.startswith(alias + "/"):
            # `~//etc` is still inside the home.
            return text[len(alias) :].lstrip("/")
    return text

"""What the platform answers, as far as we use it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from iptweb.secret import Secret

__all__ = ["FileItem", "MetadataItem", "Profile", "Slice", "Tokens"]


@dataclass(frozen=True)
class MetadataItem:
    """One metadata document."""

    uuid: str
    owner: str
    name: str
    value: Any
    created: str

    @classmethod
    def from_agave(cls, raw: Mapping[str, Any]) -> "MetadataItem":
        """Read Agave's object."""
        return cls(
            uuid=str(raw.get("uuid", "")),
            owner=str(raw.get("owner", "")),
            name=str(raw.get("name", "")),
            value=raw.get("value"),
            created=str(raw.get("created", "")),
        )


@dataclass(frozen=True)
class FileItem:
    """One file or folder; `path` is the platform's."""

    name: str
    path: str
    type: Literal["file", "dir"]
    size: int
    modified: str

    @classmethod
    def from_agave(cls, raw: Mapping[str, Any]) -> "FileItem":
        """Read Agave's object."""
        return cls(
            name=str(raw.get("name", "")),
            path=str(raw.get("path", "")),
            type="dir" if raw.get("type") == "dir" else "file",
            size=int(raw.get("length") or 0),
            modified=str(raw.get("lastModified", "")),
        )


@dataclass(frozen=True)
class Profile:
    """A person, as the tenant knows them."""

    username: str
    full_name: str

    @classmethod
    def from_agave(cls, raw: Mapping[str, Any]) -> "Profile":
        """Read a profile of the newer or the older style."""
        first = raw.get("first_name") or raw.get("firstName") or ""
        last = raw.get("last_name") or raw.get("lastName") or ""
        full = raw.get("full_name") or f"{first} {last}".strip()
        username = str(raw.get("username", ""))
        return cls(username, str(full) or username)


@dataclass(frozen=True)
class Slice:
    """A part of a file.

    Attributes:
        data: The bytes from the offset on.
        size: Of the whole file.
    """

    data: bytes
    size: int


@dataclass(frozen=True)
class Tokens:
    """What a grant gives; `refresh` may be empty."""

    access: Secret
    refresh: Secret
    expires_in: int

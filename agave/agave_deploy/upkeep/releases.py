"""What ran when: a metadata document of the service account, for `rollback`, `status`.

The document `ipt-<instance>-releases` has a list for each function, the newest last:
`{"image", "time", "revision"}`.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agave_deploy.tenant.client import TenantClient

__all__ = [
    "Release",
    "Releases",
    "read_releases",
    "release_name",
    "save_releases",
    "to_time",
]

_MOST: Final = 20  # of each function


@dataclass(frozen=True)
class Release:
    """One image that a function was given.

    Attributes:
        image: its name.
        time: when that was, ISO 8601 in UTC.
        revision: of the actor.
    """

    image: str
    time: str = ""
    revision: int = 0

    def to_value(self) -> dict[str, Any]:
        """Return what the document says of it."""
        return {"image": self.image, "time": self.time, "revision": self.revision}


@dataclass(frozen=True)
class Releases:
    """The releases of all functions, each list the newest last.

    Attributes:
        by_function: by the function's name.
        uuid: of the document; empty where there is none.
    """

    by_function: Mapping[str, tuple[Release, ...]] = field(default_factory=dict)
    uuid: str = ""

    def of(self, function: str) -> tuple[Release, ...]:
        """Return the releases of a function, the newest last."""
        return self.by_function.get(function, ())

    def last(self, function: str) -> Release | None:
        """Return the newest release of a function."""
        found = self.of(function)
        return found[-1] if found else None

    def before(self, function: str, image: str) -> str | None:
        """Return the image that a function had before this one, the newest such."""
        others = [each.image for each in self.of(function) if each.image != image]
        return others[-1] if others else None

    def with_release(self, function: str, release: Release) -> "Releases":
        """Return these and one more."""
        lists = dict(self.by_function)
        lists[function] = (*self.of(function), release)[-_MOST:]
        return Releases(lists, self.uuid)

    def to_value(self) -> dict[str, Any]:
        """Return the content of the document."""
        return {
            name: [release.to_value() for release in releases]
            for name, releases in self.by_function.items()
        }


def release_name(instance: str) -> str:
    """Return the name of the document."""
    return f"ipt-{instance}-releases"


def read_releases(client: TenantClient, instance: str) -> Releases:
    """Read the document; no releases where there is none, or nothing of use in it."""
    found = client.documents({"name": release_name(instance)})
    if not found:
        return Releases()
    value = found[0].get("value")
    lists = value.items() if isinstance(value, dict) else ()
    return Releases(
        {str(name): _read_list(entries) for name, entries in lists},
        str(found[0]["uuid"]),
    )


def _read_list(entries: Any) -> tuple[Release, ...]:
    if not isinstance(entries, Sequence):
        return ()
    return tuple(
        Release(
            str(entry.get("image", "")),
            str(entry.get("time", "")),
            int(entry.get("revision") or 0),
        )
        for entry in entries
        if isinstance(entry, dict)
    )


def save_releases(client: TenantClient, instance: str, releases: Releases) -> None:
    """Write the document."""
    client.put_document(release_name(instance), releases.to_value(), releases.uuid)


def to_time(seconds: float | None = None) -> str:
    """Return a time as documents have it; the present one where none is given."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))

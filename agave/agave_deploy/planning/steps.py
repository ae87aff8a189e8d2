"""The instructions of a plan: values that say what to do, each in one line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agave_deploy.planning.changes import Change
from agave_deploy.planning.folders import Folder
from agave_deploy.planning.site_versions import SiteRecord
from agave_deploy.planning.wanted import Config

__all__ = [
    "CopyFolder",
    "DropNonce",
    "GrantActor",
    "GrantApp",
    "GrantSystem",
    "MakeNonce",
    "NoteReleases",
    "PublishSystem",
    "PutActor",
    "PutAlias",
    "PutApp",
    "PutConfig",
    "PutSite",
    "PutSystem",
    "Step",
]

Document = Mapping[str, Any]
_MOST_FILES = 8  # that are named


class _Instruction:
    """What all steps have."""

    @property
    def details(self) -> tuple[str, ...]:
        """What a plan says below the line, one a line."""
        return ()


def _mark(exists: object) -> str:
    return "~" if exists else "+"


@dataclass(frozen=True)
class PutSystem(_Instruction):
    """Register a system, or bring it up to date."""

    document: Document = field(repr=False)  # a key may be in it
    exists: bool
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        return f"{_mark(self.exists)} system {self.document['id']}" + _why(self.changes)

    @property
    def details(self) -> tuple[str, ...]:
        """The fields that will be others."""
        return _show(self.changes)


@dataclass(frozen=True)
class PublishSystem(_Instruction):
    """Make a system public."""

    system: str

    def __str__(self) -> str:
        return f"~ system {self.system}: public"


@dataclass(frozen=True)
class GrantSystem(_Instruction):
    """Let a user run jobs on a system."""

    system: str
    user: str

    def __str__(self) -> str:
        return f"+ role USER on {self.system} for {self.user}"


@dataclass(frozen=True)
class CopyFolder(_Instruction):
    """Copy the files of a folder that differ."""

    folder: Folder
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    fresh: bool

    def __str__(self) -> str:
        counts = f"{len(self.changed)} to write, {len(self.removed)} to delete"
        place = f"{self.folder.system}:{self.folder.path}"
        return f"{_mark(not self.fresh)} files {place}: {counts}"

    @property
    def details(self) -> tuple[str, ...]:
        """The names of the files."""
        return () if self.fresh else _name_files(self.changed, self.removed)


@dataclass(frozen=True)
class PutSite(_Instruction):
    """Put a version of the site beside those that are there, and switch to it.

    Attributes:
        folder: the whole site; without its config while a nonce is missing.
        record: what the tenant has of the site.
        version: of the site; None while its config is missing.
        changed: files that the version before does not have so.
        removed: files that only that one has.
    """

    folder: Folder
    record: SiteRecord
    version: str | None
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __str__(self) -> str:
        place = f"{self.folder.system}:{self.folder.path}"
        line = f"{_mark(self.record.version)} site {place}: "
        if self.record.version and not (self.changed or self.removed):
            return line + "switch to its newest version"
        files = "1 file" if len(self.changed) == 1 else f"{len(self.changed)} files"
        counts = f"{files} new or changed"
        return line + counts + (f", {len(self.removed)} gone" if self.removed else "")

    @property
    def details(self) -> tuple[str, ...]:
        """The versions, and the names of the files."""
        if not self.record.version:
            return ()
        new = self.version or "as its config will be"
        versions = f"version: {self.record.version} → {new}"
        return (versions, *_name_files(self.changed, self.removed))


@dataclass(frozen=True)
class PutApp(_Instruction):
    """Register an app, or bring it up to date."""

    app: str
    document: Document
    exists: bool
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        return f"{_mark(self.exists)} app {self.app}" + _why(self.changes)

    @property
    def details(self) -> tuple[str, ...]:
        """The fields that will be others."""
        return _show(self.changes)


@dataclass(frozen=True)
class GrantApp(_Instruction):
    """Let a user run an app."""

    app: str
    user: str

    def __str__(self) -> str:
        return f"+ permission EXECUTE on app {self.app} for {self.user}"


@dataclass(frozen=True)
class PutActor(_Instruction):
    """Register a function as an actor, or bring it up to date."""

    alias: str
    document: Document
    actor: str | None
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        return f"{_mark(self.actor)} actor {self.document['name']}" + _why(self.changes)

    @property
    def details(self) -> tuple[str, ...]:
        """The fields that will be others; of a new one, its image."""
        if self.actor is None:
            return (f"image: {self.document['image']}",)
        return _show(self.changes)


@dataclass(frozen=True)
class PutAlias(_Instruction):
    """Let an alias mean the actor that stands behind it in this plan."""

    alias: str
    exists: bool

    def __str__(self) -> str:
        return f"{_mark(self.exists)} alias {self.alias}"


@dataclass(frozen=True)
class GrantActor(_Instruction):
    """Let a user send messages to a function."""

    alias: str
    user: str

    def __str__(self) -> str:
        return f"+ permission EXECUTE on {self.alias} for {self.user}"


@dataclass(frozen=True)
class PutConfig(_Instruction):
    """Set a config."""

    config: Config
    exists: bool
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        kind = "secret config" if self.config.secret else "config"
        readers = ", ".join(self.config.actors)
        named = f"{_mark(self.exists)} {kind} {self.config.name} for {readers}"
        return named + _why(self.changes)

    @property
    def details(self) -> tuple[str, ...]:
        """The settings that will be others; nothing of a secret."""
        return _show(self.changes)


@dataclass(frozen=True)
class MakeNonce(_Instruction):
    """Make the nonce with which people who have not signed in call a function."""

    alias: str

    def __str__(self) -> str:
        return f"+ nonce for {self.alias}"


@dataclass(frozen=True)
class DropNonce(_Instruction):
    """Take back a nonce that an apply made which could not note it."""

    alias: str
    nonce: str = field(repr=False)

    def __str__(self) -> str:
        return f"- nonce for {self.alias} that nobody uses"


@dataclass(frozen=True)
class NoteReleases(_Instruction):
    """Note which functions got which image, so that one can go back.

    Attributes:
        document: name of the metadata document.
        releases: a function's name and its image, in the order in which they ran.
    """

    document: str
    releases: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        names = dict.fromkeys(name for name, _ in self.releases)
        return f"+ note in {self.document} for {', '.join(names)}"


Step = (
    PutSystem
    | PublishSystem
    | GrantSystem
    | CopyFolder
    | PutApp
    | GrantApp
    | PutActor
    | PutAlias
    | GrantActor
    | PutConfig
    | MakeNonce
    | DropNonce
    | NoteReleases
    | PutSite
)


def _why(changes: tuple[Change, ...]) -> str:
    names = dict.fromkeys(change.top for change in changes)
    return f": {', '.join(names)}" if names else ""


def _show(changes: tuple[Change, ...]) -> tuple[str, ...]:
    return tuple(str(change) for change in changes if change.new)


def _name_files(changed: tuple[str, ...], removed: tuple[str, ...]) -> tuple[str, ...]:
    lines = [f"{name}: new or changed" for name in changed]
    lines += [f"{name}: gone" for name in removed]
    if len(lines) > _MOST_FILES:
        lines[_MOST_FILES:] = [f"… and {len(lines) - _MOST_FILES} more"]
    return tuple(lines)

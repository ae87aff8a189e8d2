"""The instructions of a plan: values that say what to do, each in one line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agave_deploy.folders import Folder
from agave_deploy.wanted import Config

__all__ = [
    "CopyFolder",
    "GrantActor",
    "GrantApp",
    "GrantSystem",
    "MakeNonce",
    "PublishSystem",
    "PutActor",
    "PutAlias",
    "PutApp",
    "PutConfig",
    "PutSystem",
    "Step",
]

Document = Mapping[str, Any]


def _mark(exists: object) -> str:
    return "~" if exists else "+"


@dataclass(frozen=True)
class PutSystem:
    """Register a system, or bring it up to date."""

    document: Document = field(repr=False)  # a key may be in it
    exists: bool
    changed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{_mark(self.exists)} system {self.document['id']}" + _why(self.changed)


@dataclass(frozen=True)
class PublishSystem:
    """Make a system public."""

    system: str

    def __str__(self) -> str:
        return f"~ system {self.system}: public"


@dataclass(frozen=True)
class GrantSystem:
    """Let a user run jobs on a system."""

    system: str
    user: str

    def __str__(self) -> str:
        return f"+ role USER on {self.system} for {self.user}"


@dataclass(frozen=True)
class CopyFolder:
    """Copy the files of a folder that differ."""

    folder: Folder
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    fresh: bool

    def __str__(self) -> str:
        counts = f"{len(self.changed)} to write, {len(self.removed)} to delete"
        place = f"{self.folder.system}:{self.folder.path}"
        return f"{_mark(not self.fresh)} files {place}: {counts}"


@dataclass(frozen=True)
class PutApp:
    """Register an app, or bring it up to date."""

    app: str
    document: Document
    exists: bool
    changed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{_mark(self.exists)} app {self.app}" + _why(self.changed)


@dataclass(frozen=True)
class GrantApp:
    """Let a user run an app."""

    app: str
    user: str

    def __str__(self) -> str:
        return f"+ permission EXECUTE on app {self.app} for {self.user}"


@dataclass(frozen=True)
class PutActor:
    """Register a function as an actor, or bring it up to date."""

    alias: str
    document: Document
    actor: str | None
    changed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{_mark(self.actor)} actor {self.document['name']}" + _why(self.changed)


@dataclass(frozen=True)
class PutAlias:
    """Let an alias mean the actor that stands behind it in this plan."""

    alias: str
    exists: bool

    def __str__(self) -> str:
        return f"{_mark(self.exists)} alias {self.alias}"


@dataclass(frozen=True)
class GrantActor:
    """Let a user send messages to a function."""

    alias: str
    user: str

    def __str__(self) -> str:
        return f"+ permission EXECUTE on {self.alias} for {self.user}"


@dataclass(frozen=True)
class PutConfig:
    """Set a config."""

    config: Config
    exists: bool
    changed: tuple[str, ...] = ()

    def __str__(self) -> str:
        kind = "secret config" if self.config.secret else "config"
        readers = ", ".join(self.config.actors)
        changed = f": {', '.join(self.changed)}" if self.changed else ""
        return f"{_mark(self.exists)} {kind} {self.config.name} for {readers}{changed}"


@dataclass(frozen=True)
class MakeNonce:
    """Make the nonce with which people who have not signed in call a function."""

    alias: str

    def __str__(self) -> str:
        return f"+ nonce for {self.alias}"


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
)


def _why(changed: tuple[str, ...]) -> str:
    return f": {', '.join(changed)}" if changed else ""

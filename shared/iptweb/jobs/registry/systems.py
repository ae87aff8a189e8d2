"""The systems themselves, and what tells a job's system and kind."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from iptweb.errors import BadRequest

from .answers import SystemAnswer
from .entries import (
    Compiler,
    Module,
    Preset,
    Queue,
    malformed,
    read_objects,
    read_text,
)

__all__ = ["Registry", "System"]

_VERSION: Final = re.compile(r"-[0-9][0-9A-Za-z.]*")


@dataclass(frozen=True)
class System:
    """One place to compile and run on."""

    name: str
    label: str
    build_app: str
    run_app: str
    build_system: str
    run_system: str
    scheduler: str
    compilers: tuple[Compiler, ...]
    launchers: tuple[str, ...]
    modules: bool
    queues: tuple[Queue, ...]
    description: str = ""
    build_run_app: str = ""
    """Compiles and runs in one job; empty where the system has no such app."""
    compare_app: str = ""
    """Compares a serial and a parallel program; may be empty as well."""
    presets: tuple[Preset, ...] = ()
    suggested_modules: tuple[Module, ...] = ()

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "System":
        """Read one registry entry.

        Raises:
            ConfigError: A key is missing or malformed; names it.
        """
        name = read_text(raw, "name", "systems")
        where = f"systems: {name}"
        lists = {
            key: read_objects(raw, key, where)
            for key in ("compilers", "queues", "presets", "suggested_modules")
        }
        texts = {
            key: read_text(raw, key, where)
            for key in ("build_app", "run_app", "build_system", "run_system")
        }
        return cls(
            name=name,
            label=str(raw.get("label") or name),
            description=str(raw.get("description") or ""),
            scheduler=str(raw.get("scheduler", "")),
            compilers=tuple(Compiler.read(one, where) for one in lists["compilers"]),
            launchers=_read_launchers(raw, where),
            modules=bool(raw.get("modules", False)),
            queues=tuple(Queue.read(one, where) for one in lists["queues"]),
            presets=tuple(Preset.read(one, where) for one in lists["presets"]),
            suggested_modules=tuple(
                Module.read(one, where) for one in lists["suggested_modules"]
            ),
            build_run_app=str(raw.get("build_run_app") or ""),
            compare_app=str(raw.get("compare_app") or ""),
            **texts,
        )

    @property
    def apps(self) -> dict[str, str]:
        """The app of each kind of job that the system takes."""
        apps = {
            "compile": self.build_app,
            "run": self.run_app,
            "build-run": self.build_run_app,
            "compare": self.compare_app,
        }
        return {kind: app for kind, app in apps.items() if app}

    def queue(self, name: str) -> Queue | None:
        """Return the queue of that name, the default one for no name.

        None where the system has no queues and none was named.

        Raises:
            BadRequest: There is no such queue.
        """
        for queue in self.queues:
            if queue.name == name or (not name and queue.default):
                return queue
        if name:
            names = ", ".join(queue.name for queue in self.queues) or "none"
            raise BadRequest(
                f"{self.label} has no queue of that name; it has {names}.",
                field="queue",
            )
        return self.queues[0] if self.queues else None


class Registry:
    """All systems of the instance.

    Raises:
        ConfigError: An entry is missing something.
    """

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self._entries = tuple(dict(entry) for entry in entries)
        self._systems = {system.name: system for system in map(System.read, entries)}
        self._by_id: dict[str, tuple[str, str]] = {}
        self._by_name: dict[str, tuple[str, str]] = {}
        for system in self._systems.values():
            for kind, app in system.apps.items():
                self._by_id.setdefault(app, (system.name, kind))
                self._by_name.setdefault(_app_name(app), (system.name, kind))

    def find(self, name: str) -> System:
        """Return the system of that name.

        Raises:
            BadRequest: There is none.
        """
        if name not in self._systems:
            raise BadRequest(
                f"There is no system of that name; known are "
                f"{', '.join(self._systems) or 'none'}.",
                field="system",
            )
        return self._systems[name]

    def label(self, name: str) -> str:
        """Return what people call a system; its name where it is gone by now."""
        system = self._systems.get(name)
        return system.label if system else name

    def by_app(self, app: str) -> tuple[str, str]:
        """Return a job's system and kind, told by its app; `other` for foreign ones.

        Any version of an app tells them: the history has jobs of earlier ones.
        """
        found = self._by_id.get(app) or self._by_name.get(_app_name(app))
        return found or ("", "other")

    def app_names(self) -> dict[str, tuple[str, str]]:
        """Return each app's system and kind, by its name without a version."""
        return dict(self._by_name)

    def to_answer(self) -> list[SystemAnswer]:
        """Return the entries as the site makes its forms from them."""
        return [cast("SystemAnswer", dict(entry)) for entry in self._entries]


def _app_name(app: str) -> str:
    """Return an app's id without its version, `ipt-run-local` of its 0.2.0."""
    name, dash, version = app.rpartition("-")
    return name if _VERSION.fullmatch(dash + version) else app


def _read_launchers(raw: Mapping[str, Any], where: str) -> tuple[str, ...]:
    launchers = raw.get("launchers", [""])
    if not isinstance(launchers, list) or not all(
        isinstance(one, str) for one in launchers
    ):
        raise malformed(where, "launchers")
    return tuple(launchers)

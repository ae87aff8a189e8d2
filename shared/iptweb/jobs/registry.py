"""The systems that people choose from (docs/architecture.md §5.4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from iptweb.errors import BadRequest, ConfigError

__all__ = ["Compiler", "Queue", "Registry", "System", "to_seconds"]

_RUN_TIME: Final = re.compile(r"([0-9]{1,3}):([0-5][0-9]):([0-5][0-9])")


def to_seconds(text: str) -> int | None:
    """Return the seconds of `HH:MM:SS`, or None if it is not one."""
    match = _RUN_TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = map(int, match.groups())
    return 3600 * hours + 60 * minutes + seconds


@dataclass(frozen=True)
class Queue:
    """One queue and its limits."""

    name: str
    default: bool
    max_nodes: int
    max_processors: int
    max_run_time: str

    @property
    def max_seconds(self) -> int:
        """The longest run time, in seconds."""
        return to_seconds(self.max_run_time) or 0


@dataclass(frozen=True)
class Compiler:
    """One suggestion for the compile command."""

    label: str
    command: str
    purpose: str


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

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "System":
        """Read one registry entry.

        Raises:
            ConfigError: A key is missing or malformed; names it.
        """
        name = _text(raw, "name", "systems")
        where = f"systems: {name}"
        compilers = _objects(raw, "compilers", where)
        queues = _objects(raw, "queues", where)
        texts = {
            key: _text(raw, key, where)
            for key in ("build_app", "run_app", "build_system", "run_system")
        }
        launchers = raw.get("launchers", [""])
        if not _is_list(launchers, str):
            raise _bad(where, "launchers")
        return cls(
            name=name,
            label=str(raw.get("label") or name),
            scheduler=str(raw.get("scheduler", "")),
            compilers=tuple(_read_compiler(entry, where) for entry in compilers),
            launchers=tuple(launchers),
            modules=bool(raw.get("modules", False)),
            queues=tuple(_read_queue(entry, where) for entry in queues),
            **texts,
        )

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

    def by_app(self, app: str) -> tuple[str, str]:
        """Return a job's system and kind, told by its app; `other` for foreign ones."""
        for system in self._systems.values():
            if app == system.build_app:
                return system.name, "compile"
            if app == system.run_app:
                return system.name, "run"
        return "", "other"

    def to_answer(self) -> list[dict[str, Any]]:
        """Return the entries as the site makes its forms from them."""
        return [dict(entry) for entry in self._entries]


def _bad(where: str, key: str) -> ConfigError:
    return ConfigError(f"Setting {where}: {key} is missing or malformed.")


def _text(raw: Mapping[str, Any], key: str, where: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value:
        raise _bad(where, key)
    return value


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(entry, kind) for entry in value)


def _objects(raw: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    value = raw.get(key, [])
    if not _is_list(value, dict):
        raise _bad(where, key)
    return cast("list[dict[str, Any]]", value)


def _read_compiler(raw: Mapping[str, Any], where: str) -> Compiler:
    command = _text(raw, "command", f"{where}: compilers")
    return Compiler(
        label=str(raw.get("label") or command),
        command=command,
        purpose=str(raw.get("for", "")),
    )


def _read_queue(raw: Mapping[str, Any], where: str) -> Queue:
    name = _text(raw, "name", f"{where}: queues")
    queue = Queue(
        name=name,
        default=bool(raw.get("default", False)),
        max_nodes=int(raw.get("max_nodes", 1)),
        max_processors=int(raw.get("max_processors", 1)),
        max_run_time=str(raw.get("max_run_time", "01:00:00")),
    )
    if not queue.max_seconds or queue.max_nodes < 1 or queue.max_processors < 1:
        raise _bad(where, f"queues: {name}")
    return queue

"""What differs between what is wanted and what a tenant holds, field by field.

A tenant adds fields of its own, leaves empty ones out, and never returns credentials;
none of these is a difference, and no credential is ever shown.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Change", "changed_fields", "find_changes", "find_keys", "in_short"]

_NEVER_RETURNED: Final = frozenset({"auth"})  # credentials of systems
_HIDDEN: Final = "(not shown)"
_LONGEST: Final = 64


@dataclass(frozen=True)
class Change:
    """One field that will be another.

    Attributes:
        field: its name, with dots where it lies deeper.
        old: what is there, in short; empty where that is not shown.
        new: what will be, in short.
    """

    field: str
    old: str = ""
    new: str = ""

    @property
    def top(self) -> str:
        """The field of the whole that it lies in."""
        return self.field.split(".", 1)[0]

    def __str__(self) -> str:
        return f"{self.field}: {self.old} → {self.new}" if self.new else self.field


def changed_fields(
    wanted: Mapping[str, Any], found: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the top-level fields that a tenant holds otherwise than wanted."""
    return tuple(
        key
        for key, value in wanted.items()
        if key not in _NEVER_RETURNED and not _same(value, found.get(key))
    )


def find_changes(
    wanted: Mapping[str, Any], found: Mapping[str, Any], above: str = ""
) -> tuple[Change, ...]:
    """Return every field that a tenant holds otherwise than wanted, with its values.

    Args:
        wanted: a registration.
        found: what the tenant shows of it.
        above: names of the fields that these lie in, with a dot behind each.
    """
    return tuple(_walk(wanted, found, above))


def _walk(
    wanted: Mapping[str, Any], found: Mapping[str, Any], above: str
) -> Iterator[Change]:
    for key in changed_fields(wanted, found):
        new, old = wanted[key], found.get(key)
        if isinstance(new, Mapping) and not new:
            # What somebody put there is to go, and may be anything.
            yield Change(above + key)
        elif isinstance(new, Mapping) and isinstance(old, Mapping):
            yield from _walk(new, old, f"{above}{key}.")
        else:
            yield Change(above + key, in_short(old), in_short(new))


def find_keys(new: Mapping[str, Any], old: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return the keys of settings that will be others; those that go, too."""
    return tuple(
        Change(key, in_short(old.get(key)), in_short(new.get(key)))
        for key in sorted(new.keys() | old.keys())
        if new.get(key) != old.get(key)
    )


def in_short(value: Any) -> str:
    """Return a value for a line of a plan: without credentials, and not too long."""
    if value is None or value == "":
        return "nothing"
    shown = _without_credentials(value)
    text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _without_credentials(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _HIDDEN if key in _NEVER_RETURNED else _without_credentials(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_credentials(inner) for inner in value]
    return value


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return bool(wanted or not found) and not changed_fields(wanted, found)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(
            _same(ours, theirs)
            for ours, theirs in zip(_sorted(wanted), _sorted(found), strict=True)
        )
    return bool(wanted == found or (not wanted and not found))


def _sorted(items: list[Any]) -> list[Any]:
    for key in ("id", "name"):
        if all(isinstance(item, Mapping) and key in item for item in items):
            return sorted(items, key=lambda item: str(item[key]))
    return items

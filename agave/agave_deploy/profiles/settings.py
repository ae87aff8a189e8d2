"""What the settings of functions may be: checked before they are sent.

The functions check theirs at each call, too, and answer nothing but errors where one
is wrong; so nothing wrong may get there (architecture section 5.1).
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from agave_deploy.errors import ProfileError

__all__ = ["SETTINGS", "check_settings"]

_SSH: Final = "ssh:"
_KINDS: Final = ("auto", "docker", "sandbox", "process")
_UNIX: Final = re.compile(r"unix://(?:/[^/\s]+)+")
_ENGINE: Final = re.compile(
    rf"{_UNIX.pattern}"
    r"|ssh://[^/@:\s]+@(?:[^/@:\s\[\]]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?",
    re.ASCII,
)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_SIZE: Final = re.compile(r"(?!0+[kmg])\d{1,6}[kmg]", re.ASCII)
_USER: Final = re.compile(r"\d{1,9}:\d{1,9}", re.ASCII)


@dataclass(frozen=True)
class _Rule:
    """What a value must be, in words and as a check."""

    wanted: str
    holds: Callable[[Any], bool]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_user(value: str) -> bool:
    return bool(_USER.fullmatch(value)) and all(map(int, value.split(":")))


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


def _may_be_empty(rule: _Rule) -> _Rule:
    return _Rule(rule.wanted, lambda value: not value or rule.holds(value))


_TEXT = _Rule("a text", lambda value: isinstance(value, str) and bool(value))
_FLAG = _Rule("true or false", lambda value: isinstance(value, bool))
_COUNT = _Rule(
    "a whole number, 0 or greater", lambda value: _is_number(value) and value >= 0
)
_POSITIVE = _Rule(
    "a whole number above 0", lambda value: _is_number(value) and value > 0
)
_FRACTION = _Rule(
    "a number above 0",
    lambda value: (
        (_is_number(value) or isinstance(value, float))
        and math.isfinite(value)
        and value > 0
    ),
)
_FOLDER = _Rule(
    "a whole path: /…", lambda value: isinstance(value, str) and value.startswith("/")
)
_USERS = _may_be_empty(
    _Rule(
        "two numbers such as 1000:1000 in quotes, neither of them 0",
        lambda value: isinstance(value, str) and _is_user(value),
    )
)
_A_SIZE = _may_be_empty(_Rule("a size such as 512m or 2g", _matches(_SIZE)))

_LIMITS: Final[Mapping[str, _Rule]] = {
    "memory": _A_SIZE,
    "processors": _FRACTION,
    "processes": _POSITIVE,
    "file_size": _A_SIZE,
    "open_files": _POSITIVE,
    "temporary": _A_SIZE,
}
_HOST: Final[Mapping[str, _Rule]] = {
    "name": _Rule("a name of a-z, 0-9, '.' and '-'", _matches(_NAME)),
    "engine": _Rule("unix:///path or ssh://user@host:port", _matches(_ENGINE)),
    "address": _TEXT,
    "home_root": _may_be_empty(_FOLDER),
    "capacity": _COUNT,
    "drain": _FLAG,
    "host_key": _may_be_empty(
        _Rule(
            "the host's public key: 'ssh-ed25519 A…'",
            lambda value: isinstance(value, str),
        )
    ),
    "engine_command": _TEXT,
    "user": _USERS,
}
# Those that are not made of other fields of the profile.
SETTINGS: Final[Mapping[str, _Rule]] = {
    "ipt_python": _TEXT,
    "call_actor": _FLAG,
    "terminal_host": _Rule(
        f"one of {', '.join(_KINDS)}", lambda value: value in _KINDS
    ),
    "terminal_engine": _may_be_empty(
        _Rule("unix:///path; others go to terminal_hosts", _matches(_UNIX))
    ),
    "terminal_hosts": _Rule(
        "a list of hosts",
        lambda value: (
            isinstance(value, list) and all(isinstance(each, dict) for each in value)
        ),
    ),
    "terminal_image": _TEXT,
    "terminal_network": _TEXT,
    "terminal_user": _USERS,
    "terminal_home_root": _FOLDER,
    "terminal_dir": _FOLDER,
    "terminal_address": _TEXT,
    "terminal_ws_scheme": _Rule("ws or wss", lambda value: value in ("ws", "wss")),
    "terminal_capacity": _COUNT,
    "terminal_drain": _FLAG,
    "terminal_limits": _Rule("a mapping", lambda value: isinstance(value, dict)),
    "terminal_deadline_s": _POSITIVE,
    "terminal_idle_s": _COUNT,
    "terminal_max_age_s": _COUNT,
}


def check_settings(settings: Mapping[Any, Any], place: str = "settings") -> None:
    """Refuse what would fail at the first call of a function, or be ignored there.

    Args:
        settings: some of the settings; what must be there is not asked.
        place: where they stand, for the error.

    Raises:
        ProfileError: Names the key that is wrong, and what it must be.
    """
    _check(settings, SETTINGS, place)
    _check(settings.get("terminal_limits", {}), _LIMITS, f"{place}: terminal_limits")
    names = set()
    for host in settings.get("terminal_hosts", []):
        _check_host(host, f"{place}: terminal_hosts")
        names.add(host["name"])
    if len(names) < len(settings.get("terminal_hosts", [])):
        raise ProfileError(f"{place}: terminal_hosts must have different names.")


def _check(values: Mapping[Any, Any], rules: Mapping[str, _Rule], place: str) -> None:
    unknown = sorted(map(str, values.keys() - rules.keys()))
    if unknown:
        raise ProfileError(f"{place} has no key {unknown[0]}.")
    for key, value in values.items():
        if not rules[key].holds(value):
            raise ProfileError(f"{place}: {key} must be {rules[key].wanted}.")


def _check_host(host: Mapping[Any, Any], place: str) -> None:
    if not host.get("name") or not host.get("engine"):
        raise ProfileError(f"{place}: each one needs a name, an engine.")
    _check(host, _HOST, place)
    key = host.get("host_key") or ""
    if host["engine"].startswith(_SSH) and len(key.split()) < len(("type", "key")):
        raise ProfileError(f"{place}: {host['name']} needs its host_key.")

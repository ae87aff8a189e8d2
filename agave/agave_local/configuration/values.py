"""The values of a configuration file: what each may be, and what it then is."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agave_local.entrance.gateway import BadKey
from agave_local.entrance.gateway import read_key as parse_key
from agave_local.entrance.limits import Limits, Rate
from agave_local.entrance.logs import LogFormat
from agave_local.outgoing.policy import Reach
from agave_local.services.actors.runner.images import (
    BadImages,
    Program,
    check_images,
)
from agave_local.services.actors.runner.images import read_images as read_image_file
from agave_local.services.jobs.remote.journey import Patience
from agave_local.services.jobs.remote.watch import Pace
from agave_local.transports.guarded import Sizes

_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")
_PORTS = range(65536)
_MOUNT = frozenset({"host_path", "container_path", "mode"})
_MODES = ("ro", "rw")
_MOST = 10**9


class BadValue(Exception):
    """A value that cannot be; the message goes on from its key."""


def read_text(value: Any, _: Path) -> str:
    """Read a text."""
    if not isinstance(value, str):
        raise BadValue("is a text.")
    return value


def read_switch(value: Any, _: Path) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise BadValue("is true or false.")
    return value


def read_path(value: Any, folder: Path) -> Path:
    """Read a path; a relative one goes from the file's folder."""
    if not isinstance(value, str | Path) or not str(value):
        raise BadValue("is a path.")
    return folder / value


def read_port(value: Any, _: Path) -> int:
    """Read a port; 0 is any that is free."""
    if isinstance(value, bool) or not isinstance(value, int) or value not in _PORTS:
        raise BadValue(f"is a whole number from 0 to {_PORTS.stop - 1}.")
    return value


def read_count(value: Any, _: Path) -> int:
    """Read how many of something there may be."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
        raise BadValue(f"is a whole number from 1 to {_MOST}.")
    return value


def read_seconds(value: Any, _: Path) -> float:
    """Read a time in seconds."""
    return _read_number(value, "is a number of seconds, 0 or greater.")


def read_code(value: Any, _: Path) -> str:
    """Read the code of a tenant, which names its header and its folder."""
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise BadValue(
            "has 1 to 64 letters, digits, hyphens and underscores, such as DEV-DEVELOP."
        )
    return value


def read_url(value: Any, _: Path) -> str:
    """Read the address that callers use."""
    parts = _split(value)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.username is not None
        or parts.query
        or parts.fragment
    ):
        raise BadValue("is an address such as https://dev.example.org.")
    return str(value).rstrip("/")


def read_log_format(value: Any, _: Path) -> LogFormat:
    """Read how the log is written."""
    return LogFormat(_one_of(value, list(LogFormat)))


def read_case(value: Any, _: Path) -> str:
    """Read how Abaco's fields are written."""
    return _one_of(value, ["camel", "snake"])


def read_reaches(value: Any, _: Path) -> frozenset[Reach]:
    """Read the kinds of addresses that the tenant itself may call."""
    if not isinstance(value, list):
        raise BadValue(f"is a list of {', '.join(Reach)}.")
    return frozenset(Reach(_one_of(one, list(Reach))) for one in value)


def read_images(value: Any, folder: Path) -> Mapping[str, Program]:
    """Read the table of images, or the path of a file that has it."""
    try:
        if isinstance(value, str | Path):
            return read_image_file(folder / value)
        return check_images(value)
    except BadImages as error:
        raise BadValue(f"cannot be used. {error}") from error


def read_key(value: Any, folder: Path) -> str:
    """Read the public key of a gateway."""
    text = read_text(value, folder)
    try:
        parse_key(text)
    except BadKey as error:
        raise BadValue(f"cannot be used. {error}") from error
    return text


def read_key_file(value: Any, folder: Path) -> str:
    """Read the public key of a gateway from a file."""
    path = read_path(value, folder)
    try:
        text = path.read_text("ascii")
    except (OSError, ValueError) as error:
        raise BadValue(f"cannot be read: {error}") from error
    return read_key(text, folder)


def read_mounts(value: Any, _: Path) -> tuple[Mapping[str, str], ...]:
    """Read what every actor's container would see of its host."""
    if not isinstance(value, list) or not all(map(_is_mount, value)):
        raise BadValue(
            "is a list of mappings with host_path, container_path and mode (ro or rw)."
        )
    return tuple(value)


def read_limits(value: Any, _: Path) -> Limits | None:
    """Read how often callers may call; `off` is as often as they like."""
    # YAML reads `off` as false.
    if value is False or value == "off":
        return None
    names = [each.name for each in fields(Limits)]
    rates = _read_mapping(value, names, _read_rate)
    return Limits(**rates)


def read_sizes(value: Any, _: Path) -> Sizes:
    """Read the largest bodies, in bytes."""
    names = [each.name for each in fields(Sizes)]
    return Sizes(**_read_mapping(value, names, _read_size))


def read_patience(value: Any, _: Path) -> Patience:
    """Read for how many seconds machines of jobs are asked again."""
    names = [each.name for each in fields(Patience)]
    return Patience(**_read_mapping(value, names, _read_wait))


def read_pace(value: Any, _: Path) -> Pace:
    """Read how many seconds there are between two looks at machines of jobs."""
    names = [each.name for each in fields(Pace)]
    return Pace(**_read_mapping(value, names, _read_wait))


def _read_wait(value: Any) -> float:
    said = "is a number of seconds, greater than 0."
    seconds = _read_number(value, said)
    if not seconds:
        raise BadValue(said)
    return seconds


def _read_rate(value: Any) -> Rate:
    said = "is a mapping of per_second and burst, numbers greater than 0."
    if not isinstance(value, dict) or set(value) != {"per_second", "burst"}:
        raise BadValue(said)
    per_second = _read_number(value["per_second"], said)
    burst = _read_number(value["burst"], said)
    if per_second <= 0 or burst < 1:
        raise BadValue(said)
    return Rate(per_second, burst)


def _read_size(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadValue("is a whole number of bytes.")
    return value


def _read_mapping(
    value: Any, names: list[str], read: Callable[[Any], Any]
) -> dict[str, Any]:
    if not isinstance(value, dict) or not set(value) <= set(names):
        raise BadValue(f"is a mapping with some of {', '.join(names)}.")
    result = {}
    for name, one in value.items():
        try:
            result[name] = read(one)
        except BadValue as error:
            raise BadValue(f"has a bad {name}: it {error}") from error
    return result


def _read_number(value: Any, said: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 <= value <= _MOST:
        raise BadValue(said)
    return float(value)


def _one_of(value: Any, known: list[str]) -> str:
    if value not in known:
        raise BadValue(f"is one of {', '.join(known)}.")
    return str(value)


def _is_mount(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == _MOUNT
        and all(isinstance(text, str) for text in value.values())
        and value["mode"] in _MODES
    )


def _split(value: Any) -> Any:
    if not isinstance(value, str):
        return None
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return parts

"""The checks of single fields that a system's description is made of."""

import re
from typing import Any

from agave_local.errors import BadRequest
from agave_local.records.store import Document

_LONGEST_TEXT = 20_000
_LONGEST_NAME = 1024
_MOST = 2**31
_PORTS = range(65536)
_TIME = re.compile(r"\d{1,4}:[0-5]\d:[0-5]\d", re.ASCII)
_MEMORY = re.compile(r"\d{1,9}(\.\d{1,6})?\s*[KMGTP]?B?", re.ASCII | re.IGNORECASE)


def pick(part: Document, names: frozenset[str]) -> Document:
    """Return the named fields of an object that have a value."""
    return {
        name: value
        for name, value in part.items()
        if name in names and value is not None
    }


def read_part(whole: Document, field: str, within: str = "") -> Document:
    """Return a copy of a field that is an object.

    Raises:
        BadRequest: where it is none.
    """
    part = whole.get(field)
    if not isinstance(part, dict):
        raise BadRequest(f"{within}{field} is an object.")
    return dict(part)


def check_text(
    part: Document,
    field: str,
    within: str = "",
    *,
    empty: bool = False,
    longest: int = _LONGEST_NAME,
) -> str:
    """Return a text that must be there.

    Raises:
        BadRequest: where it is missing, something else or too long.
    """
    value = part.get(field)
    if not isinstance(value, str) or not (empty or value.strip()) or "\0" in value:
        raise BadRequest(f"{within}{field} is a text and must be given.")
    if len(value) > longest:
        raise BadRequest(f"{within}{field} has at most {longest} characters.")
    return value


def check_texts(part: Document, fields: tuple[str, ...], within: str = "") -> None:
    """Refuse what is there and no text.

    Raises:
        BadRequest: naming the field.
    """
    for field in fields:
        if part.get(field) is not None:
            check_text(part, field, within, empty=True, longest=_LONGEST_TEXT)


def check_path(part: Document, field: str, within: str = "") -> None:
    """Refuse what is there and no plain path.

    Raises:
        BadRequest: for anything but printable names with slashes between.
    """
    if part.get(field) is None:
        return
    path = check_text(part, field, within, empty=True)
    if ".." in path.split("/") or not path.isprintable():
        raise BadRequest(f"{within}{field} is a plain path without `..`.")


def check_host(part: Document, field: str, within: str = "") -> None:
    """Refuse what is no name or address of a machine.

    Raises:
        BadRequest: for blanks, slashes and whatever else no host has.
    """
    host = check_text(part, field, within)
    if not re.fullmatch(r"[A-Za-z0-9._:\[\]/-]{1,255}", host):
        raise BadRequest(f"{within}{field} is the name or address of a machine.")


def check_host_key(part: Document, field: str, within: str = "") -> None:
    """Put what is there and the public key of a machine on one line without a comment.

    Raises:
        BadRequest: for anything but a kind of key and its text.
    """
    if part.get(field) is None:
        return
    # Only where there is one: what reads keys takes 15 MB of memory.
    from sshlink import HOST_KEY_KINDS, BadKey, read_host_key  # noqa: PLC0415

    line = check_text(part, field, within, longest=_LONGEST_TEXT)
    try:
        kind, _ = read_host_key(line)
    except BadKey:
        kind = ""
    if kind not in HOST_KEY_KINDS:
        raise BadRequest(
            f"{within}{field} is one public key of the machine: ssh-ed25519 AAAA…"
        )
    part[field] = " ".join(line.split()[:2])


def check_choice(
    part: Document,
    field: str,
    choices: frozenset[str],
    within: str = "",
    *,
    default: str | None = None,
) -> None:
    """Put a word that is one of some into capitals.

    Raises:
        BadRequest: listing the choices.
    """
    value = part.get(field)
    word = default if value is None else value
    word = word.upper() if isinstance(word, str) else ""
    if word not in choices:
        raise BadRequest(f"{within}{field} is one of {', '.join(sorted(choices))}.")
    part[field] = word


def check_switch(
    part: Document, field: str, within: str = "", *, default: bool | None = None
) -> None:
    """Refuse what is there and neither true nor false.

    Raises:
        BadRequest: naming the field.
    """
    if part.get(field) is None:
        if default is not None:
            part[field] = default
        return
    if not isinstance(part[field], bool):
        raise BadRequest(f"{within}{field} is true or false.")


def check_count(part: Document, field: str, within: str = "") -> None:
    """Refuse what is there and no whole number; -1 is without a limit.

    Raises:
        BadRequest: naming the field.
    """
    if part.get(field) is not None and not _is_whole(part[field], -1, _MOST):
        raise BadRequest(f"{within}{field} is a whole number.")


def check_port(part: Document, within: str = "") -> None:
    """Refuse what is there and no port.

    Raises:
        BadRequest: naming the field.
    """
    if part.get("port") is not None and not _is_whole(part["port"], 0, len(_PORTS)):
        raise BadRequest(f"{within}port is a number from 0 to 65535.")


def check_memory(part: Document, field: str, within: str = "") -> None:
    """Refuse what is there and no amount of memory; a number is one of GB.

    Raises:
        BadRequest: naming the field.
    """
    value = part.get(field)
    if value is None or value == -1:
        return
    text = str(value) if isinstance(value, str | int | float) else ""
    if isinstance(value, bool) or not _MEMORY.fullmatch(text.strip()):
        raise BadRequest(f"{within}{field} is an amount of memory such as 2GB.")


def check_time(part: Document, field: str, within: str = "") -> None:
    """Refuse what is there and no run time.

    Raises:
        BadRequest: naming the field.
    """
    value = part.get(field)
    if value is not None and not (isinstance(value, str) and _TIME.fullmatch(value)):
        raise BadRequest(f"{within}{field} is a time such as 24:00:00.")


def _is_whole(value: Any, least: int, end: int) -> bool:
    return (
        isinstance(value, int) and not isinstance(value, bool) and least <= value < end
    )

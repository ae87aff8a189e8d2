"""What a terminal server is told when it starts: a file or a variable of JSON."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .syscalls import choose_filter

if TYPE_CHECKING:
    from collections.abc import MutableMapping

REPLAY_BYTES = 1 << 20
# Clients acknowledge every 256 KiB, and the shell is held up a while before its end.
LEAST_REPLAY_BYTES = 512 * 1024
PEM_HEAD = "-----BEGIN PUBLIC KEY-----"
PEM_TAIL = "-----END PUBLIC KEY-----"
# The whole of RFC 8410's structure around the 32 bytes of the key.
ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")
KEY_BYTES = 32


class BadLaunch(Exception):
    """The launch can't be used; the message says which part and why."""


@dataclass(frozen=True)
class Launch:
    """One start of one terminal.

    Attributes:
        name: The terminal.
        user: Whose it is.
        launch: Id of this start.
        home: The shell's home and first folder.
        shell: The program and its arguments.
        ticket_public_key: Ed25519 public key, PEM.
        socket_fd: Inherited descriptor of the listening socket; None where it is
            handed over.
        handover: Unix socket on which the listening socket is handed over; empty
            where it is inherited.
        origins: Origins of the pages that may connect.
        replay_bytes: How much output is kept for clients that come back.
        start_fd: Inherited descriptor of a pipe.  The server waits for a byte on
            it, and ends where the pipe is closed without one: then whoever started
            it died before it could write down what it had started.
        idle_s: Without activity for so long the terminal ends, 0 for never.
        max_age_s: At that age the terminal ends whatever it does, 0 for never.
        filters: What keeps the shell from system calls, for each kind of processor;
            see `webterm.syscalls`.
    """

    name: str
    user: str
    launch: str
    home: str
    shell: tuple[str, ...]
    ticket_public_key: str
    socket_fd: int | None = None
    handover: str = ""
    origins: tuple[str, ...] = ()
    replay_bytes: int = REPLAY_BYTES
    start_fd: int | None = None
    idle_s: int = 0
    max_age_s: int = 0
    filters: dict[str, str] = field(default_factory=dict)


def read_launch(file: str) -> Launch:
    """Return the content of a launch file.

    Raises:
        BadLaunch: It is missing, malformed, or a value is of the wrong kind.
    """
    try:
        with open(file, "rb") as opened:  # noqa: PTH123 - pathlib is a MB of memory
            return from_text(opened.read())
    except OSError as error:
        raise BadLaunch(f"can't be read: {error.strerror}") from error


def take_launch(environ: "MutableMapping[str, str]", name: str) -> Launch:
    """Return the content of a variable, and remove it from the environment.

    Raises:
        BadLaunch: It is missing, malformed, or a value is of the wrong kind.
    """
    text = environ.pop(name, None)
    if text is None:
        raise BadLaunch("is not set")
    return from_text(text)


def from_text(text: str | bytes) -> Launch:
    """Return the launch that a JSON text describes.

    Raises:
        BadLaunch: It is malformed, or a value is of the wrong kind.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadLaunch("is not JSON") from error
    if not isinstance(values, dict):
        raise BadLaunch("is not a JSON object")
    return from_values(values)


def from_values(values: dict[str, Any]) -> Launch:
    """Return the launch that a JSON object describes.

    Raises:
        BadLaunch: A value is missing or of the wrong kind.
    """
    replay_bytes = read_number(values, "replay_bytes", REPLAY_BYTES)
    shell = read_list(values, "shell")
    if not shell:
        raise BadLaunch("shell must name a program")
    handover = read_text(values, "handover") if values.get("handover") else ""
    if bool(handover) == (values.get("socket_fd") is not None):
        raise BadLaunch("one of socket_fd and handover must be there, and not both")
    public_key = read_text(values, "ticket_public_key")
    read_public_key(public_key)
    return Launch(
        name=read_text(values, "name"),
        user=read_text(values, "user"),
        launch=read_text(values, "launch"),
        home=read_text(values, "home"),
        shell=shell,
        ticket_public_key=public_key,
        socket_fd=read_descriptor(values, "socket_fd"),
        handover=handover,
        origins=read_list({"origins": [], **values}, "origins"),
        replay_bytes=max(replay_bytes, LEAST_REPLAY_BYTES),
        start_fd=read_descriptor(values, "start_fd"),
        idle_s=read_number(values, "idle_s", 0),
        max_age_s=read_number(values, "max_age_s", 0),
        filters=read_filters(values),
    )


def read_filters(values: dict[str, Any]) -> dict[str, str]:
    """Return the filters of system calls.

    Raises:
        BadLaunch: One of them is none.
    """
    filters = values.get("filters") or {}
    try:
        for machine in filters:
            choose_filter(filters, machine)
    except (AttributeError, TypeError, ValueError) as error:
        raise BadLaunch("filters must be programs in base64") from error
    return dict(filters)


def read_public_key(pem: str) -> bytes:
    """Return the bytes of an Ed25519 public key.

    Raises:
        BadLaunch: It is something else.
    """
    text = pem.strip()
    if not text.startswith(PEM_HEAD) or not text.endswith(PEM_TAIL):
        raise BadLaunch("ticket_public_key must be an Ed25519 public key in PEM")
    body = "".join(text[len(PEM_HEAD) : -len(PEM_TAIL)].split())
    try:
        key = base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != len(ED25519_PREFIX) + KEY_BYTES or not key.startswith(
        ED25519_PREFIX
    ):
        raise BadLaunch("ticket_public_key must be an Ed25519 public key in PEM")
    return key[len(ED25519_PREFIX) :]


def read_descriptor(values: dict[str, Any], name: str) -> int | None:
    """Return the number of an inherited descriptor, None where none is named.

    Raises:
        BadLaunch: It is not a number.
    """
    return None if values.get(name) is None else read_number(values, name, 0)


def read_text(values: dict[str, Any], name: str) -> str:
    """Return a text that is not empty.

    Raises:
        BadLaunch: There is none.
    """
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise BadLaunch(f"{name} must be a text")
    return value


def read_number(values: dict[str, Any], name: str, default: int) -> int:
    """Return a whole number that is not negative.

    Raises:
        BadLaunch: It is something else.
    """
    value = values.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadLaunch(f"{name} must be a whole number")
    return value


def read_list(values: dict[str, Any], name: str) -> tuple[str, ...]:
    """Return a list of texts.

    Raises:
        BadLaunch: It is not one.
    """
    value = values.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadLaunch(f"{name} must be a list of texts")
    return tuple(value)

"""What a terminal server is told when it starts: `launch.json`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPLAY_BYTES = 1 << 20
LEAST_REPLAY_BYTES = 128 * 1024


class BadLaunch(Exception):
    """The launch file can't be used; the message says which part and why."""


@dataclass(frozen=True)
class Launch:
    """One start of one terminal.

    Attributes:
        name: The terminal.
        user: Whose it is.
        launch: Id of this start.
        home: The shell's home and first folder.
        shell: The program and its arguments.
        socket_fd: Inherited descriptor of the listening socket.
        ticket_public_key: Ed25519 public key, PEM.
        origins: Origins of the pages that may connect.
        replay_bytes: How much output is kept for clients that come back.
        start_fd: Inherited descriptor of a pipe.  The server waits for a byte on
            it, and ends where the pipe is closed without one: then whoever started
            it died before it could write down what it had started.
    """

    name: str
    user: str
    launch: str
    home: str
    shell: tuple[str, ...]
    socket_fd: int
    ticket_public_key: str
    origins: tuple[str, ...] = ()
    replay_bytes: int = REPLAY_BYTES
    start_fd: int | None = None


def read_launch(file: Path) -> Launch:
    """Return the content of a launch file.

    Raises:
        BadLaunch: It is missing, malformed, or a value is of the wrong kind.
    """
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadLaunch(f"can't be read: {error.strerror}") from error
    except ValueError as error:
        raise BadLaunch("is not JSON") from error
    if not isinstance(values, dict):
        raise BadLaunch("is not a JSON object")
    return from_values(values)


def from_values(values: dict[str, Any]) -> Launch:
    """Return the launch that a JSON object describes.

    Raises:
        BadLaunch: A value is missing or of the wrong kind.
    """
    start_fd = values.get("start_fd")
    if start_fd is not None:
        start_fd = read_number(values, "start_fd")
    replay_bytes = read_number({"replay_bytes": REPLAY_BYTES, **values}, "replay_bytes")
    if not read_list(values, "shell"):
        raise BadLaunch("shell must name a program")
    return Launch(
        name=read_text(values, "name"),
        user=read_text(values, "user"),
        launch=read_text(values, "launch"),
        home=read_text(values, "home"),
        shell=read_list(values, "shell"),
        socket_fd=read_number(values, "socket_fd"),
        ticket_public_key=read_text(values, "ticket_public_key"),
        origins=read_list({"origins": [], **values}, "origins"),
        replay_bytes=max(replay_bytes, LEAST_REPLAY_BYTES),
        start_fd=start_fd,
    )


def read_text(values: dict[str, Any], name: str) -> str:
    """Return a text that is not empty.

    Raises:
        BadLaunch: There is none.
    """
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise BadLaunch(f"{name} must be a text")
    return value


def read_number(values: dict[str, Any], name: str) -> int:
    """Return a whole number that is not negative.

    Raises:
        BadLaunch: There is none.
    """
    value = values.get(name)
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

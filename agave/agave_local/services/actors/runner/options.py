"""What an operator may say about what runs actors: options, and keys of the file."""

import argparse
import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agave_local.configuration.values import (
    BadValue,
    read_switch,
    read_text,
    read_url,
)
from agave_local.services.actors.runner.limits import Limits, read_size

_USER = re.compile(r"\d{1,9}:\d{1,9}", re.ASCII)
_NETWORK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", re.ASCII)
_MOST = 10**9


def add_runner_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to the command's; the file decides where one is not given."""
    parser.add_argument(
        "--docker",
        metavar="URL",
        help="Docker-API engine of this machine for the images that are not in the "
        "table, such as unix:///run/podman/podman.sock",
    )
    parser.add_argument(
        "--docker-network",
        metavar="NAME",
        help="network of the containers; 'host' lets them reach the tenant at "
        "127.0.0.1, and everything else there",
    )
    parser.add_argument(
        "--docker-api-server",
        metavar="URL",
        help="the tenant's address as containers see it, such as "
        "http://host.docker.internal:8080 where it listens for them",
    )
    parser.add_argument(
        "--docker-user", metavar="UID:GID", help="who containers run as"
    )
    parser.add_argument(
        "--execution-limits",
        metavar="NAME=VALUE,…",
        help="run_time (seconds), memory and file_size (such as 2g), processes",
    )


def read_engine(value: Any, folder: Path) -> str:
    """Read the address of a container engine."""
    url = read_text(value, folder)
    try:
        parts = urlsplit(url)
        is_here = parts.scheme == "unix" and len(parts.path) > 1
        is_here = is_here or (parts.scheme == "tcp" and _is_loopback(parts.hostname))
    except ValueError:
        is_here = False
    if not is_here:
        raise BadValue(
            "is an engine of this machine, as files are shared with it: "
            "unix:///… or tcp://127.0.0.1:PORT."
        )
    return url


def read_network(value: Any, folder: Path) -> str:
    """Read the name of a network."""
    if not _NETWORK.fullmatch(read_text(value, folder)):
        raise BadValue("is the name of one of the engine's networks, or host.")
    return str(value)


def read_user(value: Any, folder: Path) -> str:
    """Read who containers run as."""
    if not _USER.fullmatch(read_text(value, folder)):
        raise BadValue("is two numbers, such as 1000:1000.")
    return str(value)


def read_execution_limits(value: Any, _: Path) -> Limits:
    """Read how much an execution may take."""
    if isinstance(value, str):
        pairs = [part.partition("=") for part in value.split(",")]
        value = {name.strip(): written for name, _, written in pairs}
    if not isinstance(value, dict) or not value.keys() <= _LIMITS.keys():
        raise BadValue(f"is a mapping with some of {', '.join(_LIMITS)}.")
    return Limits(**{name: _LIMITS[name](name, one) for name, one in value.items()})


def _read_seconds(name: str, value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = 0.0
    if isinstance(value, bool) or not 0 < seconds <= _MOST:
        raise BadValue(f"has a bad {name}: it is a number of seconds.")
    return seconds


def _read_size(name: str, value: Any) -> int:
    try:
        size = read_size(str(value))
    except ValueError as error:
        raise BadValue(f"has a bad {name}: {error}") from error
    if not size:
        raise BadValue(f"has a bad {name}: it is more than nothing.")
    return size


def _read_number(name: str, value: Any) -> int:
    written = str(value)
    if not (written.isascii() and written.isdigit() and 0 < int(written[:12]) <= _MOST):
        raise BadValue(f"has a bad {name}: it is a whole number, 1 or greater.")
    return int(written)


def _is_loopback(host: str | None) -> bool:
    return host == "localhost" or ipaddress.ip_address(host or "").is_loopback


_LIMITS: Mapping[str, Callable[[str, Any], Any]] = {
    "run_time": _read_seconds,
    "memory": _read_size,
    "processes": _read_number,
    "file_size": _read_size,
}
READERS: Mapping[str, Callable[[Any, Path], Any]] = {
    "docker": read_engine,
    "docker_network": read_network,
    "docker_api_server": read_url,
    "docker_user": read_user,
    "docker_pulls": read_switch,
    "execution_limits": read_execution_limits,
}

"""The bodies of job requests: what each kind of job may be sent with.

A form says which fields there are and what each looks like by itself; whether they
make sense together and on their system is looked at in `request`.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from iptweb.http import number, numbers, text, texts

__all__ = [
    "BuildRunRequest",
    "CompareRequest",
    "CompileRequest",
    "RunRequest",
    "SizedRequest",
]

_MOST_RANKS: Final = 1_000_000
_MOST_THREADS: Final = 9999
_MOST_NODES: Final = 100_000
_MOST_COUNTS: Final = 8
_LARGEST_COUNT: Final = 9999
_MOST_REPEATS: Final = 5


def _request_id() -> Any:
    return text(
        max_length=64,
        pattern="[A-Za-z0-9-]{8,64}",
        hint="8 to 64 characters of letters, digits and '-'",
    )


@dataclass(frozen=True, kw_only=True)
class _AnyRequest:
    """What every kind of job has."""

    request_id: str = _request_id()
    system: str = text(max_length=64)
    files: tuple[str, ...] = texts()
    modules: tuple[str, ...] = texts(most=20, max_length=100)
    notify: str = text(default="")


@dataclass(frozen=True, kw_only=True)
class SizedRequest(_AnyRequest):
    """What every job has that runs a program."""

    queue: str = text(default="", max_length=64)
    nodes: int = number(default=1, least=1, most=_MOST_NODES)
    ranks: int = number(default=1, least=1, most=_MOST_RANKS)
    threads: int = number(default=1, least=1, most=_MOST_THREADS)
    run_time: str = text(default="00:10:00", max_length=9)
    memory: str = text(default="", max_length=16)


@dataclass(frozen=True, kw_only=True)
class CompileRequest(_AnyRequest):
    """The body of a compile request."""

    kind: Literal["compile"] = text()
    command: str = text()
    source: str = text()
    output: str = text(max_length=100)
    args: str = text(default="")


@dataclass(frozen=True, kw_only=True)
class RunRequest(SizedRequest):
    """The body of a run request."""

    kind: Literal["run"] = text()
    binary: str = text()
    launcher: str = text(default="")
    args: str = text(default="")
    # Of earlier clients: the ranks on each node.
    processors: int = number(default=0, least=1, most=_MOST_RANKS)


@dataclass(frozen=True, kw_only=True)
class BuildRunRequest(SizedRequest):
    """The body of a request to compile a program and run it, in one job."""

    kind: Literal["build-run"] = text()
    source: str = text()
    compile: str = text()
    compile_args: str = text(default="")
    output: str = text(max_length=100)
    launcher: str = text(default="")
    args: str = text(default="")


@dataclass(frozen=True, kw_only=True)
class CompareRequest(SizedRequest):
    """The body of a request to compare a serial and a parallel program."""

    kind: Literal["compare"] = text()
    serial: str = text()
    # Left out where it is the serial source, compiled in another way.
    parallel: str = text(default="")
    serial_compile: str = text(default="")
    parallel_compile: str = text(default="")
    launcher: str = text(default="")
    counts: tuple[int, ...] = numbers(most=_MOST_COUNTS, largest=_LARGEST_COUNT)
    repeats: int = number(default=1, least=1, most=_MOST_REPEATS)
    args: str = text(default="")

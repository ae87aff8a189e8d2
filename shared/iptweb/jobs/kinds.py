"""The kinds of jobs, as they are after every check."""

from dataclasses import dataclass
from typing import Literal

from iptweb.files import HomePath

from .registry import System
from .sizes import Sizes

__all__ = [
    "BuildRunJob",
    "CompareJob",
    "CompileJob",
    "JobRequest",
    "RunJob",
    "SizedJob",
]


@dataclass(frozen=True, kw_only=True)
class _AnyJob:
    """What every job has."""

    request_id: str
    system: System
    files: tuple[HomePath, ...]
    modules: tuple[str, ...]
    notify: str


@dataclass(frozen=True, kw_only=True)
class CompileJob(_AnyJob):
    """Makes a program of a source file."""

    command: str
    source: HomePath
    output: str
    args: str
    kind: Literal["compile"] = "compile"


@dataclass(frozen=True, kw_only=True)
class RunJob(_AnyJob):
    """Runs a program; `launcher` has its numbers."""

    binary: HomePath
    launcher: str
    args: str
    sizes: Sizes
    kind: Literal["run"] = "run"


@dataclass(frozen=True, kw_only=True)
class BuildRunJob(_AnyJob):
    """Makes a program of a source file and runs it; `launcher` has its numbers."""

    source: HomePath
    compile: str
    compile_args: str
    output: str
    launcher: str
    args: str
    sizes: Sizes
    kind: Literal["build-run"] = "build-run"


@dataclass(frozen=True, kw_only=True)
class CompareJob(_AnyJob):
    """Runs a serial program, and a parallel one with each of the counts.

    Attributes:
        serial: A source file, or where `serial_compile` is empty a program.
        parallel: The same of the parallel program.
        launcher: With `{ranks}` still in it; empty where the counts are threads.
        counts: Each once, the smallest first.
    """

    serial: HomePath
    parallel: HomePath
    serial_compile: str
    parallel_compile: str
    launcher: str
    counts: tuple[int, ...]
    repeats: int
    args: str
    sizes: Sizes
    kind: Literal["compare"] = "compare"


SizedJob = RunJob | BuildRunJob | CompareJob
JobRequest = CompileJob | SizedJob

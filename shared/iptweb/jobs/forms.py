"""The bodies of job requests: what each kind of job may be sent with.

A form says which fields there are and what each looks like by itself; whether they
make sense together and on their system is looked at in `request`.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from iptweb.http import number, numbers, text, texts

__all__ = [
    "AnyRequest",
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
    """What every kind of job has.

    Attributes:
        request_id: Made by the client; the same one again gives the same job.
        system: Name of a system of `GET /systems`; it has to take the kind.
        files: Further files and folders of the home, beside the main ones.
        modules: To load first, where the system has modules.
        notify: `https://` address that gets a message when the job ended; may have
            `${JOB_ID}` and its like after the host.
    """

    request_id: str = _request_id()
    system: str = text(max_length=64)
    files: tuple[str, ...] = texts()
    modules: tuple[str, ...] = texts(most=20, max_length=100)
    notify: str = text(default="")


@dataclass(frozen=True, kw_only=True)
class SizedRequest(_AnyRequest):
    """What every job has that runs a program.

    Attributes:
        queue: Of the system; empty for its default one.
        nodes: Within the queue, and not more than ranks.
        ranks: Processes altogether; more than one needs a launcher.
        threads: Of each rank: `OMP_NUM_THREADS`.
        run_time: `HH:MM:SS` within the queue; of a comparison for all of its runs.
        memory: Of each node, such as `4GB`; empty for all of the queue's.
    """

    queue: str = text(default="", max_length=64)
    nodes: int = number(default=1, least=1, most=_MOST_NODES)
    ranks: int = number(default=1, least=1, most=_MOST_RANKS)
    threads: int = number(default=1, least=1, most=_MOST_THREADS)
    run_time: str = text(default="00:10:00", max_length=9)
    memory: str = text(default="", max_length=16)


@dataclass(frozen=True, kw_only=True)
class CompileRequest(_AnyRequest):
    """A job that makes a program of a source file.

    Attributes:
        kind: Of the job.
        command: Compile command, such as `gcc -O2`; plain words, no shell.
        source: Source file, relative to the home.
        output: Name of the program to make; letters, digits and `_.+@=,-`.
        args: Further words of the compile command's line, behind the output.
    """

    kind: Literal["compile"] = text()
    command: str = text()
    source: str = text()
    output: str = text(max_length=100)
    args: str = text(default="")


@dataclass(frozen=True, kw_only=True)
class RunRequest(SizedRequest):
    """A job that runs a program.

    Attributes:
        kind: Of the job.
        binary: Program, relative to the home.
        launcher: One of the system's, as it is or filled in; empty for none.
        args: Words that the program gets.
        processors: Of earlier clients: ranks on each node, or without a launcher as
            many as `threads`.  Leave it out.
    """

    kind: Literal["run"] = text()
    binary: str = text()
    launcher: str = text(default="")
    args: str = text(default="")
    processors: int = number(default=0, least=1, most=_MOST_RANKS)


@dataclass(frozen=True, kw_only=True)
class BuildRunRequest(SizedRequest):
    """A job that makes a program of a source file and runs it.

    Attributes:
        kind: Of the job.
        source: Source file, relative to the home.
        compile: Compile command, such as `gcc -O2 -fopenmp`; plain words, no shell.
        compile_args: Further words of its line, behind the output.
        output: Name of the program to make; letters, digits and `_.+@=,-`.
        launcher: One of the system's, as it is or filled in; empty for none.
        args: Words that the program gets.
    """

    kind: Literal["build-run"] = text()
    source: str = text()
    compile: str = text()
    compile_args: str = text(default="")
    output: str = text(max_length=100)
    launcher: str = text(default="")
    args: str = text(default="")


@dataclass(frozen=True, kw_only=True)
class CompareRequest(SizedRequest):
    """A job that compares a serial and a parallel program.

    Attributes:
        kind: Of the job.
        serial: Source file or program, relative to the home.
        parallel: The same of the parallel one; empty where it is the serial source,
            compiled in another way.
        serial_compile: Compile command; empty where it is a program already.
        parallel_compile: The same of the parallel one.
        launcher: One of the system's that can be told how many ranks to start; empty
            where `counts` are threads.
        counts: Threads, or with a launcher ranks.
        repeats: How often each run is made.
        args: Words that the programs get.
    """

    kind: Literal["compare"] = text()
    serial: str = text()
    parallel: str = text(default="")
    serial_compile: str = text(default="")
    parallel_compile: str = text(default="")
    launcher: str = text(default="")
    counts: tuple[int, ...] = numbers(most=_MOST_COUNTS, largest=_LARGEST_COUNT)
    repeats: int = number(default=1, least=1, most=_MOST_REPEATS)
    args: str = text(default="")


AnyRequest = CompileRequest | RunRequest | BuildRunRequest | CompareRequest

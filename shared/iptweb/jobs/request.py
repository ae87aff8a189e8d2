"""What people ask for: a compile job or a run job, checked field by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from iptweb.errors import BadRequest
from iptweb.files import HomePath
from iptweb.http import number, read_body, text, texts

from .registry import Queue, Registry, System, to_seconds
from .words import check_words, read_file, read_output_name

__all__ = [
    "CompileJob",
    "CompileRequest",
    "JobRequest",
    "RunJob",
    "RunRequest",
    "read_job_request",
]

_MODULE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,99}")
_MOST_THREADS: Final = 9999


def _request_id() -> Any:
    return text(
        max_length=64,
        pattern="[A-Za-z0-9-]{8,64}",
        hint="8 to 64 characters of letters, digits and '-'",
    )


@dataclass(frozen=True)
class CompileRequest:
    """The body of a compile request."""

    kind: Literal["compile"] = text()
    request_id: str = _request_id()
    system: str = text(max_length=64)
    command: str = text()
    source: str = text()
    output: str = text(max_length=100)
    files: tuple[str, ...] = texts()
    args: str = text(default="")
    modules: tuple[str, ...] = texts(most=20, max_length=100)


@dataclass(frozen=True)
class RunRequest:
    """The body of a run request."""

    kind: Literal["run"] = text()
    request_id: str = _request_id()
    system: str = text(max_length=64)
    binary: str = text()
    launcher: str = text(default="")
    args: str = text(default="")
    threads: int = number(default=1, least=1, most=_MOST_THREADS)
    queue: str = text(default="", max_length=64)
    nodes: int = number(default=1, least=1, most=100_000)
    processors: int = number(default=1, least=1, most=10_000_000)
    run_time: str = text(default="00:10:00", max_length=9)
    files: tuple[str, ...] = texts()
    modules: tuple[str, ...] = texts(most=20, max_length=100)


@dataclass(frozen=True)
class CompileJob:
    """A compile request that makes sense on its system."""

    request_id: str
    system: System
    command: str
    source: HomePath
    output: str
    files: tuple[HomePath, ...]
    args: str
    modules: tuple[str, ...]
    kind: Literal["compile"] = "compile"


@dataclass(frozen=True)
class RunJob:
    """A run request that makes sense on its system."""

    request_id: str
    system: System
    binary: HomePath
    launcher: str
    args: str
    threads: int
    queue: Queue | None
    nodes: int
    processors: int
    run_time: str
    files: tuple[HomePath, ...]
    modules: tuple[str, ...]
    kind: Literal["run"] = "run"


JobRequest = CompileJob | RunJob


def read_job_request(body: Mapping[str, Any], registry: Registry) -> JobRequest:
    """Return the job that a body asks for.

    Raises:
        BadRequest: A field is wrong; names it and says what would be right.
    """
    if body.get("kind") == "compile":
        return _read_compile(read_body(CompileRequest, body), registry)
    if body.get("kind") == "run":
        return _read_run(read_body(RunRequest, body), registry)
    raise BadRequest("kind must be compile or run.", field="kind")


def _read_compile(request: CompileRequest, registry: Registry) -> CompileJob:
    system = registry.find(request.system)
    source = read_file(request.source, "source")
    output = read_output_name(request.output, "output")
    files = _read_files(request.files, source)
    if output in {path.name for path in (source, *files)}:
        raise BadRequest(
            "output has the name of a source file, which it would overwrite.",
            field="output",
        )
    return CompileJob(
        request_id=request.request_id,
        system=system,
        command=_read_command(request.command),
        source=source,
        output=output,
        files=files,
        args=check_words(request.args, "args"),
        modules=_read_modules(request.modules, system),
    )


def _read_run(request: RunRequest, registry: Registry) -> RunJob:
    system = registry.find(request.system)
    binary = read_file(request.binary, "binary")
    queue = system.queue(request.queue)
    _check_limits(request, queue)
    return RunJob(
        request_id=request.request_id,
        system=system,
        binary=binary,
        launcher=_read_launcher(request, system),
        args=check_words(request.args, "args"),
        threads=request.threads,
        queue=queue,
        nodes=request.nodes,
        processors=request.processors,
        run_time=request.run_time,
        files=_read_files(request.files, binary),
        modules=_read_modules(request.modules, system),
    )


def _read_command(command: str) -> str:
    words = check_words(command, "command")
    if not words or words.startswith("-"):
        raise BadRequest(
            "command must begin with a compiler, such as gcc.", field="command"
        )
    return words


def _read_launcher(request: RunRequest, system: System) -> str:
    """Return the launcher, filled in; only the registry's own are taken."""
    for template in system.launchers:
        filled = template.replace("{processors}", str(request.processors))
        if request.launcher in {template, filled}:
            return filled
    known = ", ".join(repr(launcher) for launcher in system.launchers)
    raise BadRequest(
        f"{system.label} has no such launcher; it has {known}.", field="launcher"
    )


def _check_limits(request: RunRequest, queue: Queue | None) -> None:
    seconds = to_seconds(request.run_time)
    if not seconds:
        raise BadRequest(
            "run_time must be HH:MM:SS, such as 00:10:00.", field="run_time"
        )
    if queue is None:
        return
    if seconds > queue.max_seconds:
        raise BadRequest(
            f"run_time is over the limit of queue {queue.name}: {queue.max_run_time}.",
            field="run_time",
        )
    for field, value, most in (
        ("nodes", request.nodes, queue.max_nodes),
        ("processors", request.processors, queue.max_processors),
    ):
        if value > most:
            raise BadRequest(
                f"{field} is over the limit of queue {queue.name}: {most}.",
                field=field,
            )


def _read_files(files: tuple[str, ...], main: HomePath) -> tuple[HomePath, ...]:
    """Return the further files; all files of a job land in one folder."""
    paths: list[HomePath] = []
    names = {main.name: main}
    for entry in files:
        path = read_file(entry, "files")
        if path in paths or path == main:
            continue
        if path.name in names:
            raise BadRequest(
                f"files has two files named '{path.name}'; a job takes one of a name.",
                field="files",
            )
        names[path.name] = path
        paths.append(path)
    return tuple(paths)


def _read_modules(modules: tuple[str, ...], system: System) -> tuple[str, ...]:
    if modules and not system.modules:
        raise BadRequest(f"{system.label} has no modules to load.", field="modules")
    for module in modules:
        if not _MODULE.fullmatch(module):
            raise BadRequest(
                "modules must be names such as gcc/9.1.0.", field="modules"
            )
    return modules

"""What people ask for: a job of one of four kinds, checked field by field."""

import re
from collections.abc import Mapping
from typing import Any, Final

from iptweb.errors import BadRequest
from iptweb.files import HomePath
from iptweb.http import read_body

from .forms import (
    AnyRequest,
    BuildRunRequest,
    CompareRequest,
    CompileRequest,
    RunRequest,
    SizedRequest,
)
from .kinds import BuildRunJob, CompareJob, CompileJob, JobRequest, RunJob
from .launch import read_launcher, read_open_launcher
from .registry import Registry, System
from .sizes import Sizes, check_sizes, read_memory
from .webhook import read_notify
from .words import check_words, read_command, read_file, read_files, read_output_name

__all__ = ["KINDS", "read_job_request"]

KINDS: Final = ("compile", "run", "build-run", "compare")
_MODULE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,99}")

# The folder of a comparison's outputs.
_RESULTS: Final = "compare"


def read_job_request(
    body: Mapping[str, Any], registry: Registry, *, local: bool = False
) -> JobRequest:
    """Return the job that a body asks for.

    Args:
        body: Of the message.
        registry: The systems of the instance.
        local: Whether the platform is on this machine alone.

    Raises:
        BadRequest: A field is wrong; names it and says what would be right.
    """
    match body.get("kind"):
        case "compile":
            return _read_compile(read_body(CompileRequest, body), registry, local=local)
        case "run":
            return _read_run(read_body(RunRequest, body), registry, local=local)
        case "build-run":
            return _read_build_run(
                read_body(BuildRunRequest, body), registry, local=local
            )
        case "compare":
            return _read_compare(read_body(CompareRequest, body), registry, local=local)
        case _:
            raise BadRequest(f"kind must be one of {', '.join(KINDS)}.", field="kind")


def _read_any(
    request: AnyRequest, system: System, mains: Mapping[str, HomePath], *, local: bool
) -> dict[str, Any]:
    """Return the fields that every kind of job has.

    Args:
        request: The body.
        system: Where the job is to run.
        mains: The files that the job is about, by their fields.
        local: Whether the platform is on this machine alone.
    """
    return {
        "request_id": request.request_id,
        "system": system,
        "files": read_files(request.files, mains),
        "modules": _read_modules(request.modules, system),
        "notify": read_notify(request.notify, local=local),
    }


def _read_compile(
    request: CompileRequest, registry: Registry, *, local: bool
) -> CompileJob:
    system = _find_system(request, registry)
    source = read_file(request.source, "source")
    shared = _read_any(request, system, {"source": source}, local=local)
    return CompileJob(
        **shared,
        command=read_command(request.command, "command"),
        source=source,
        output=read_output_name(request.output, "output", (source, *shared["files"])),
        args=check_words(request.args, "args"),
    )


def _read_run(request: RunRequest, registry: Registry, *, local: bool) -> RunJob:
    system = _find_system(request, registry)
    binary = read_file(request.binary, "binary")
    field, ranks = _read_ranks(request)
    sizes = _read_sizes(request, system, ranks=ranks)
    launcher = read_launcher(
        request.launcher, system, ranks=ranks, nodes=request.nodes, field=field
    )
    check_sizes(sizes, ranks=field)
    return RunJob(
        **_read_any(request, system, {"binary": binary}, local=local),
        binary=binary,
        launcher=launcher,
        args=check_words(request.args, "args"),
        sizes=sizes,
    )


def _read_build_run(
    request: BuildRunRequest, registry: Registry, *, local: bool
) -> BuildRunJob:
    system = _find_system(request, registry)
    source = read_file(request.source, "source")
    sizes = _read_sizes(request, system, ranks=request.ranks)
    launcher = read_launcher(
        request.launcher, system, ranks=request.ranks, nodes=request.nodes
    )
    check_sizes(sizes)
    shared = _read_any(request, system, {"source": source}, local=local)
    return BuildRunJob(
        **shared,
        source=source,
        compile=read_command(request.compile, "compile"),
        compile_args=check_words(request.compile_args, "compile_args"),
        output=read_output_name(request.output, "output", (source, *shared["files"])),
        launcher=launcher,
        args=check_words(request.args, "args"),
        sizes=sizes,
    )


def _read_compare(
    request: CompareRequest, registry: Registry, *, local: bool
) -> CompareJob:
    system = _find_system(request, registry)
    serial = read_file(request.serial, "serial")
    parallel = read_file(request.parallel or request.serial, "parallel")
    _check_pair(request, serial, parallel)
    shared = _read_any(
        request, system, {"serial": serial, "parallel": parallel}, local=local
    )
    _check_not_results({"serial": serial, "parallel": parallel}, shared["files"])
    for field in ("ranks", "threads"):
        if getattr(request, field) != 1:
            raise BadRequest(
                f"{field} must be left out: counts says how many there are.",
                field=field,
            )
    launcher, sizes = _read_counted(request, system)
    return CompareJob(
        **shared,
        serial=serial,
        parallel=parallel,
        serial_compile=_read_optional_command(request.serial_compile, "serial_compile"),
        parallel_compile=_read_optional_command(
            request.parallel_compile, "parallel_compile"
        ),
        launcher=launcher,
        counts=tuple(sorted(set(request.counts))),
        repeats=request.repeats,
        args=check_words(request.args, "args"),
        sizes=sizes,
    )


def _check_pair(request: CompareRequest, serial: HomePath, parallel: HomePath) -> None:
    if serial.name == parallel.name and serial != parallel:
        raise BadRequest(
            f"serial and parallel are both named '{serial.name}', and a job has one "
            "folder for both. Rename or copy one of them.",
            field="parallel",
        )
    for field in ("serial_compile", "parallel_compile"):
        if serial == parallel and not getattr(request, field):
            raise BadRequest(
                f"{field} must say how to compile '{serial.name}', which is the "
                "source of both programs.",
                field=field,
            )


def _check_not_results(
    mains: Mapping[str, HomePath], files: tuple[HomePath, ...]
) -> None:
    for field, path in (*mains.items(), *(("files", path) for path in files)):
        if path.name == _RESULTS:
            raise BadRequest(
                f"{field} has the name '{_RESULTS}', where a comparison puts its "
                "outputs. Rename the file.",
                field=field,
            )


def _find_system(request: AnyRequest, registry: Registry) -> System:
    system = registry.find(request.system)
    if request.kind not in system.apps:
        raise BadRequest(
            f"{system.label} takes no {request.kind} jobs; it takes "
            f"{', '.join(system.apps)}.",
            field="system",
        )
    return system


def _read_sizes(
    request: SizedRequest, system: System, *, ranks: int, threads: int | None = None
) -> Sizes:
    return Sizes(
        queue=system.queue(request.queue),
        nodes=request.nodes,
        ranks=ranks,
        threads=threads or request.threads,
        run_time=request.run_time,
        memory=read_memory(request.memory, system),
    )


def _read_ranks(request: RunRequest) -> tuple[str, int]:
    """Return the ranks of a run and the field that they are in.

    Earlier clients send `processors`, the ranks on each node; without a launcher these
    were what the threads run on.
    """
    if not request.processors:
        return "ranks", request.ranks
    if not request.launcher and request.processors == request.threads:
        return "processors", 1
    ranks = request.processors * request.nodes
    if request.ranks not in {1, ranks}:
        raise BadRequest(
            f"processors is another number of ranks than ranks: leave it out, or give "
            f"the {request.ranks} ranks alone.",
            field="processors",
        )
    return "processors", ranks


def _read_counted(request: CompareRequest, system: System) -> tuple[str, Sizes]:
    """Return the launcher, still with `{ranks}`, and the size of the largest run."""
    most = max(request.counts)
    if not request.launcher:
        if request.nodes != 1:
            raise BadRequest(
                "nodes must be 1: threads stay on one node. Choose a launcher to "
                "count ranks.",
                field="nodes",
            )
        sizes = _read_sizes(request, system, ranks=1, threads=most)
    else:
        sizes = _read_sizes(request, system, ranks=most)
    launcher = read_open_launcher(request.launcher, system, nodes=request.nodes)
    check_sizes(sizes, ranks="counts", threads="counts")
    return launcher, sizes


def _read_optional_command(command: str, field: str) -> str:
    return read_command(command, field) if command else ""


def _read_modules(modules: tuple[str, ...], system: System) -> tuple[str, ...]:
    if modules and not system.modules:
        raise BadRequest(f"{system.label} has no modules to load.", field="modules")
    for module in modules:
        if not _MODULE.fullmatch(module):
            raise BadRequest(
                "modules must be names such as gcc/9.1.0.", field="modules"
            )
    return modules

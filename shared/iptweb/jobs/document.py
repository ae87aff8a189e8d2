"""The job document that Agave gets, and the line that the job runs."""

import datetime as dt
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .request import CompileJob, JobRequest, RunJob

__all__ = [
    "archive_path",
    "build_document",
    "command_line_of",
    "job_name",
    "to_command_line",
]

# As the build app's wrapper does: headers and data files only lie beside the source.
_COMPILED: Final = frozenset(
    {".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".cu", ".s", ".S", ".o", ".a", ".so"}
)

_NOT_IN_SLUG: Final = re.compile("[^a-z0-9]+")
_MOST_SLUG: Final = 24


def job_name(job: JobRequest) -> str:
    """Return the name that the job has in every list: what it does, and to what."""
    program = job.source.name if isinstance(job, CompileJob) else job.binary.name
    slug = _NOT_IN_SLUG.sub("-", PurePosixPath(program).stem.lower()).strip("-")
    parts = ("ipt", job.kind, slug[:_MOST_SLUG].strip("-"), job.request_id)
    return "-".join(part for part in parts if part)


def archive_path(job: JobRequest, now: float) -> str:
    """Return where the job's files will be, below the home.

    Made of the request's id rather than the job's, so that it is known beforehand.
    """
    day = dt.datetime.fromtimestamp(now, dt.UTC).date().isoformat()
    return f"jobs/{day}/{job.kind}-{job.system.name}-{job.request_id}"


def build_document(
    job: JobRequest, *, user: str, storage_system: str, now: float
) -> dict[str, Any]:
    """Return the document to submit."""
    document: dict[str, Any] = {
        "name": job_name(job),
        "archive": True,
        "archiveSystem": storage_system,
        "archivePath": f"{user}/{archive_path(job, now)}",
    }
    match job:
        case CompileJob():
            document |= _compile_fields(job)
            document["inputs"] = {"driver": job.source.to_uri(storage_system, user)}
        case RunJob():
            document |= _run_fields(job)
            document["inputs"] = {"binary": job.binary.to_uri(storage_system, user)}
    if job.files:
        document["inputs"]["supplementalFiles"] = [
            path.to_uri(storage_system, user) for path in job.files
        ]
    if job.modules:
        document["parameters"]["modules"] = list(job.modules)
    return document


def _compile_fields(job: CompileJob) -> dict[str, Any]:
    parameters = {"command": job.command, "output": job.output}
    if job.args:
        parameters["args"] = job.args
    return {
        "appId": job.system.build_app,
        "nodeCount": 1,
        "processorsPerNode": 1,
        "parameters": parameters,
    }


def _run_fields(job: RunJob) -> dict[str, Any]:
    parameters: dict[str, Any] = {"threads": job.threads}
    if job.launcher:
        parameters["command"] = job.launcher
    if job.args:
        parameters["args"] = job.args
    fields: dict[str, Any] = {
        "appId": job.system.run_app,
        "nodeCount": job.nodes,
        "processorsPerNode": job.processors,
        "maxRunTime": job.run_time,
        "parameters": parameters,
    }
    if job.queue is not None:
        fields["batchQueue"] = job.queue.name
    return fields


def command_line_of(job: JobRequest) -> str:
    """Return the line that a job will run, for the person to check."""
    names = [path.name for path in job.files]
    match job:
        case CompileJob():
            return to_command_line(
                "compile",
                {"command": job.command, "output": job.output, "args": job.args},
                [job.source.name, *names],
            )
        case RunJob():
            return to_command_line(
                "run",
                {"command": job.launcher, "args": job.args, "threads": job.threads},
                [job.binary.name],
            )


def to_command_line(
    kind: str, parameters: Mapping[str, Any], names: Sequence[str]
) -> str:
    """Return the line that the wrapper makes of parameters and staged files.

    Args:
        kind: `compile` or `run`; anything else has no line that we know.
        parameters: The job's parameters, as Agave has them.
        names: File names, the main one first.
    """

    def value(name: str) -> str:
        given = parameters.get(name)
        if isinstance(given, list):
            given = " ".join(map(str, given))
        return "" if given is None else str(given)

    if not names or kind not in {"compile", "run"}:
        return ""
    files = [_quote(names[0])]
    if kind == "compile":
        files += [_quote(n) for n in names[1:] if PurePosixPath(n).suffix in _COMPILED]
        words = [value("command"), *files, "-o", f"./{value('output')}", value("args")]
    else:
        threads = value("threads").removesuffix(".0")
        setting = f"OMP_NUM_THREADS={threads}" if threads else ""
        words = [setting, value("command"), *files, value("args")]
    return " ".join(word for word in words if word)


def input_names(inputs: Mapping[str, Any], main: str) -> list[str]:
    """Return the file names of a job's inputs, the main one first."""
    uris: list[str] = []
    for name in (main, "supplementalFiles"):
        given = inputs.get(name) or []
        uris += [given] if isinstance(given, str) else map(str, given)
    return [unquote(PurePosixPath(urlsplit(uri).path).name) for uri in uris]


def _quote(name: str) -> str:
    return shlex.quote(f"./{name}")

"""The job document that Agave gets."""

from typing import Any

from .kinds import BuildRunJob, CompareJob, CompileJob, JobRequest, RunJob
from .lines import input_names, to_command_line
from .naming import archive_path, job_name
from .sizes import Sizes, to_megabytes, to_memory
from .webhook import to_notifications

__all__ = [
    "archive_path",
    "build_document",
    "command_line_of",
    "input_names",
    "job_name",
    "to_command_line",
]


def build_document(
    job: JobRequest, *, user: str, storage_system: str, now: float
) -> dict[str, Any]:
    """Return the document to submit.

    What is empty is left out, so that the defaults of the app and the queue hold.
    """
    inputs: dict[str, Any] = {
        name: path.to_uri(storage_system, user) for name, path in _mains(job).items()
    }
    if inputs.get("parallel") == inputs.get("serial"):
        # Agave takes a file once; the app compiles the one source in two ways then.
        inputs.pop("parallel", None)
    if job.files:
        inputs["supplementalFiles"] = [
            path.to_uri(storage_system, user) for path in job.files
        ]
    document: dict[str, Any] = {
        "name": job_name(job),
        "appId": job.system.apps[job.kind],
        **_amounts(job),
        "inputs": inputs,
        "parameters": _parameters(job),
        "archive": True,
        "archiveSystem": storage_system,
        "archivePath": f"{user}/{archive_path(job, now)}",
    }
    if job.notify:
        document["notifications"] = to_notifications(job.notify)
    return document


def command_line_of(job: JobRequest) -> str:
    """Return what a job will run, a line for each program, for the person to check."""
    names = [path.name for path in (*_mains(job).values(), *job.files)]
    return to_command_line(job.kind, _parameters(job), names)


def _mains(job: JobRequest) -> dict[str, Any]:
    """Return the files that a job is about, by the inputs of its app."""
    match job:
        case CompileJob() | BuildRunJob():
            return {"driver": job.source}
        case RunJob():
            return {"binary": job.binary}
        case CompareJob():
            return {"serial": job.serial, "parallel": job.parallel}


def _parameters(job: JobRequest) -> dict[str, Any]:
    given: dict[str, Any]
    match job:
        case CompileJob():
            given = {"command": job.command, "output": job.output}
        case RunJob():
            given = {"command": job.launcher, "threads": job.sizes.threads}
        case BuildRunJob():
            given = {
                "compileCommand": job.compile,
                "compileArgs": job.compile_args,
                "output": job.output,
                "command": job.launcher,
                "threads": job.sizes.threads,
            }
        case CompareJob():
            given = {
                "serialCompile": job.serial_compile,
                "parallelCompile": job.parallel_compile,
                "launcher": job.launcher,
                "counts": " ".join(map(str, job.counts)),
                "repeats": job.repeats,
            }
    given |= {"args": job.args, "modules": list(job.modules)}
    return {name: value for name, value in given.items() if value}


def _amounts(job: JobRequest) -> dict[str, Any]:
    """Return what a job asks for: numbers as numbers, where Agave looks for them."""
    if isinstance(job, CompileJob):
        return {"nodeCount": 1, "processorsPerNode": 1}
    sizes = job.sizes
    amounts: dict[str, Any] = {
        "nodeCount": sizes.nodes,
        "processorsPerNode": sizes.processors,
        "maxRunTime": sizes.run_time,
    }
    if sizes.queue is not None:
        amounts["batchQueue"] = sizes.queue.name
    memory = _memory(sizes)
    if memory:
        amounts["memoryPerNode"] = memory
    return amounts


def _memory(sizes: Sizes) -> str:
    """Return the memory of each node: what was asked for, else all of the queue's."""
    most = to_megabytes(sizes.queue.max_memory) if sizes.queue else 0
    return sizes.memory or (to_memory(most) if most else "")

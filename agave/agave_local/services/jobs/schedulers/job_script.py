"""Writes the script that runs a job's program on a machine, and says how it ended.

    <control>/claim        who runs the script first makes it; who comes second ends
    <control>/number       what the scheduler calls the run, where nobody kept it yet
    <control>/program      process group of the program
    <control>/asked        made by who cancels, before the script is signalled
    <control>/crowded      the program had too many processes
    <control>/exit.json    last word: whole, or not there
    <events>/<job id>.started, <events>/<job id>.ended

A script that is told to end by somebody else than the tenant leaves no last word: the
scheduler knows why.
"""

import re
import shlex
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from agave_local.services.jobs.schedulers.base import Run

GRACE_SECONDS = 5
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BODY = Path(__file__).with_name("job_script.sh")
_KIB = 1024


def to_script(
    run: Run,
    *,
    directives: Iterable[str] = (),
    limits_memory: bool = True,
    grace: int = GRACE_SECONDS,
    proc: str = "/proc",
) -> str:
    """Return the job script of a run.

    Args:
        run: what to run.
        directives: lines for the scheduler, each an option with its value.
        limits_memory: whether each process may have no more memory than the run has
            on a machine; false where the scheduler sees to it.
        grace: seconds between asking and forcing the program to end.
        proc: where the machine tells of its processes, if it does.

    Raises:
        ValueError: a value can't be written in a script.
    """
    memory = run.memory_mib if limits_memory else None
    values = {
        "job": run.job_id,
        "work": run.work,
        "control": run.control,
        "events": run.events,
        "slug": run.slug,
        "seconds": str(run.seconds),
        "file_kib": str(run.file_mib * _KIB),
        "total_kib": str(run.total_mib * _KIB),
        "memory_kib": "" if memory is None else str(memory * _KIB),
        "processes": "" if run.processes is None else str(run.processes),
        "filter": run.filter_file,
        "grace": str(grace),
        "proc": proc,
    }
    lines = [
        "#!/bin/bash",
        *(f"#SBATCH {directive}" for directive in directives),
        *(f"{name}={shlex.quote(value)}" for name, value in values.items()),
        f"startup={_startup(run.startup)}",
        "set_environment() {",
        "  :",
        *(f"  {_export(name, value)}" for name, value in run.env.items()),
        "}",
        f"set -- {shlex.join(run.argv)}",
    ]
    script = "\n".join(lines)
    if "\0" in script:
        raise ValueError("a script can't hold a byte of value 0")
    return f"{script}\n{_body()}"


def _startup(path: str) -> str:
    """Return the startup script for the script, in the account's own folder."""
    if not path or path.startswith("/"):
        return shlex.quote(path)
    return f'"${{HOME-}}"/{shlex.quote(path)}'


def _export(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a variable")
    return f"export {name}={shlex.quote(value)}"


@cache
def _body() -> str:
    return _BODY.read_text(encoding="utf-8").partition("\n")[2]

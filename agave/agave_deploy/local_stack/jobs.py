"""Ends the jobs that a tenant leaves behind when it did not end in order.

Each job's folder holds a file `control/supervisor.json` that says which process looks
after it (`pid`, and `started`: the machine's life and the time of start).  That process
ends the program, forcing it after a few seconds, and notes how it ended.
"""

import json
from pathlib import Path

from agave_deploy.local_stack.processes import Process, stop_processes

__all__ = ["stop_jobs"]

_PATIENCE_S = 8  # more than a supervisor takes to force its program


def stop_jobs(folder: Path) -> list[str]:
    """End every job below a folder, all at once; return the ids of those that ran."""
    found = {
        process: file.parent.parent.name
        for file in sorted(folder.glob("*/control/supervisor.json"))
        if (process := _read(file))
    }
    return [found[process] for process in stop_processes(list(found), _PATIENCE_S)]


def _read(file: Path) -> Process | None:
    try:
        kept = json.loads(file.read_text("utf-8"))
        boot, _, start = str(kept["started"]).rpartition("/")
        return Process(int(kept["pid"]), start, boot)
    except (OSError, ValueError, KeyError, TypeError):
        return None

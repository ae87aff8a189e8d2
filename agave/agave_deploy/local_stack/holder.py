"""Who holds a data folder: told by the tenant's own lock, where our record is lost.

The tenant holds `run/tenant.lock` by flock as long as it lives, and writes its number
into it (architecture: `agave_local`).
"""

import fcntl
import os
from pathlib import Path

from agave_deploy.errors import StackError
from agave_deploy.local_stack.processes import Process, find_process, has_open

__all__ = ["find_holder"]


def find_holder(lock: Path) -> Process | None:
    """Return the living tenant that holds a lock file; None where nobody does.

    Raises:
        StackError: Somebody holds it, and it can't be told for certain who.
    """
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        noted = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
    else:
        return None
    finally:
        os.close(descriptor)
    process = find_process(int(noted)) if noted.isdecimal() else None
    if process is not None and has_open(process.pid, lock):
        return process
    named = f"process {noted}" if noted.isdecimal() else "a process"
    raise StackError(
        f"The tenant of {lock.parent.parent} is alive: {named} holds its lock. "
        "Whether that is the tenant can't be told for certain, so it was left alone; "
        "look at it, and stop it with `kill`."
    )

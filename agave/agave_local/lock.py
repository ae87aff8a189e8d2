"""A data folder belongs to one tenant at a time."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE_S = 2.0
_LOOK_S = 0.01


class DataInUse(Exception):
    """Another tenant keeps its data in the folder.

    Attributes:
        process: its process id, where it can be told.
    """

    def __init__(self, data: Path, process: str) -> None:
        who = f" (process {process})" if process else ""
        super().__init__(f"The data folder {data} is in use by another tenant{who}.")
        self.process = process


@contextmanager
def locked(data: Path, *, patience_s: float = _PATIENCE_S) -> Iterator[None]:
    """Hold a data folder, making it where there is none.

    The kernel lets go of the lock when the process ends, however it ends.

    Args:
        data: the folder.
        patience_s: how long to wait for what a process that is gone has left.

    Raises:
        DataInUse: while another tenant holds it.
    """
    run = data / "run"
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(run / "tenant.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(handle, data, time.monotonic() + patience_s)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _take(handle: int, data: Path, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
            # A tenant that was killed as it started a program: the child has all of
            # its descriptors, until it becomes that program.
            if not _is_gone(holder) or time.monotonic() > until:
                raise DataInUse(data, holder) from error
            time.sleep(_LOOK_S)
        else:
            return


def _is_gone(holder: str) -> bool:
    if not holder.isdigit():
        return False
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False

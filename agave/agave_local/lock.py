"""A data folder belongs to one tenant at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
def locked(data: Path) -> Iterator[None]:
    """Hold a data folder, making it where there is none.

    The kernel lets go of the lock when the process ends, however it ends.

    Raises:
        DataInUse: while another tenant holds it.
    """
    run = data / "run"
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(run / "tenant.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
            raise DataInUse(data, holder) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)

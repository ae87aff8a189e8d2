"""Many small files at once: a few round trips for all, not several for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .files import CHUNK, MOST_ASKED, SshFiles
from .packets import Ask, Attributes, Open, number, place, text

__all__ = ["MOST_AT_ONCE", "SMALL", "NewFile", "read_all", "write_all"]

SMALL: Final = CHUNK
MOST_AT_ONCE: Final = MOST_ASKED // 2


@dataclass(frozen=True)
class NewFile:
    """A small file to be made.

    Attributes:
        path: Where; nothing is there.
        content: At most `SMALL` bytes.
        known: Its mode and time.
    """

    path: bytes
    content: bytes
    known: Attributes


def read_all(
    files: SshFiles, wanted: Sequence[tuple[bytes, int]]
) -> list[bytes | OSError]:
    """Read small files.

    Args:
        files: Of the machine.
        wanted: Paths, and how many bytes of each, at most `SMALL`; at most
            `MOST_AT_ONCE` of them.

    Returns:
        For each what is in it, or why it can't be read.
    """
    handles = _open(files, [files.ask_open(path, Open.READ) for path, _ in wanted])
    asked: dict[int, int] = {}
    shut = []
    for index, (handle, (_, size)) in enumerate(zip(handles, wanted, strict=True)):
        if isinstance(handle, bytes):
            if size:
                parts = (text(handle), place(0), number(size))
                asked[index] = files.ask(Ask.READ, *parts)
            shut.append(files.ask(Ask.CLOSE, text(handle)))
    found: list[bytes | OSError] = []
    for index, (handle, (_, size)) in enumerate(zip(handles, wanted, strict=True)):
        if isinstance(handle, OSError):
            found.append(handle)
            continue
        try:
            found.append(files.data(asked[index], size) if index in asked else b"")
        except OSError as error:
            found.append(error)
    files.forget(shut)
    return found


def write_all(files: SshFiles, new: Sequence[NewFile]) -> None:
    """Make small files; at most `MOST_AT_ONCE` of them.

    Raises:
        OSError: One can't be made; those before it are there.
    """
    how = Open.WRITE | Open.CREATE | Open.NEW
    handles = _open(files, [files.ask_open(one.path, how) for one in new])
    asked = []
    for handle, one in zip(handles, new, strict=True):
        if isinstance(handle, bytes):
            if one.content:
                parts = (text(handle), place(0), text(one.content))
                asked.append(files.ask(Ask.WRITE, *parts))
            asked.append(files.ask(Ask.FSETSTAT, text(handle), one.known.pack()))
            asked.append(files.ask(Ask.CLOSE, text(handle)))
    refused = [handle for handle in handles if isinstance(handle, OSError)]
    for ticket in asked:
        try:
            files.done(ticket)
        except OSError as error:
            refused.append(error)
    if refused:
        raise refused[0]


def _open(files: SshFiles, asked: Sequence[int]) -> list[bytes | OSError]:
    handles: list[bytes | OSError] = []
    for ticket in asked:
        try:
            handles.append(files.handle(ticket))
        except OSError as error:
            handles.append(error)
    return handles

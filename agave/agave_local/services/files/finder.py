"""Looks for a short text in a large buffer.

Where the C library has `memmem`, it is about three times as fast as Python's own
search, which would cost a fifth of the speed of an upload over the loopback
interface.
"""

import ctypes
from collections.abc import Callable

Search = Callable[[int, int, bytes, int], int | None]


def _find_memmem() -> Search | None:
    try:
        memmem = ctypes.CDLL(None).memmem
    except (OSError, AttributeError, TypeError):
        return None
    memmem.restype = ctypes.c_void_p
    memmem.argtypes = (
        ctypes.c_void_p,
        ctypes.c_size_t,
        ctypes.c_char_p,
        ctypes.c_size_t,
    )
    search: Search = memmem
    return search


MEMMEM = _find_memmem()


class Finder:
    """Finds a text in one buffer, whose size is fixed from now on.

    Args:
        buffer: to look in.
        text: to look for.
        search: C's `memmem`; Python's own search where None.
    """

    def __init__(
        self, buffer: bytearray, text: bytes, search: Search | None = MEMMEM
    ) -> None:
        self._buffer = buffer
        self._text = text
        self._search = search
        # It keeps the buffer where it is for as long as it lives.
        self._pinned = (ctypes.c_char * len(buffer)).from_buffer(buffer)
        self._address = ctypes.addressof(self._pinned)

    def find(self, start: int, end: int) -> int:
        """Return where the text begins within a part of the buffer; -1 for nowhere."""
        if self._search is None:
            return self._buffer.find(self._text, start, end)
        if not 0 <= start <= end <= len(self._buffer):
            raise IndexError(start, end)
        found = self._search(
            self._address + start, end - start, self._text, len(self._text)
        )
        return -1 if found is None else found - self._address

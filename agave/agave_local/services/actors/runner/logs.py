"""What an execution writes, bounded while it writes (spec: Abaco, A.6)."""

LOG_LIMIT = 1_000_000
LOG_MARK = " LOG LIMIT EXCEEDED; this execution log was TRUNCATED!"
# Four bytes are the most that one character takes in UTF-8.
_BYTES = 4 * (LOG_LIMIT + 1)


class LogBuffer:
    """Keeps the first million characters of an output and drops the rest."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether anything more would be dropped."""
        return self._size >= _BYTES

    def write(self, data: bytes) -> None:
        """Take more output; what is beyond the limit is dropped."""
        room = _BYTES - self._size
        if room > 0:
            self._chunks.append(data[:room])
            self._size += min(room, len(data))

    def text(self) -> str:
        """Return the log, with the mark where it was cut."""
        return cut(b"".join(self._chunks).decode("utf-8", "replace"))


def cut(text: str) -> str:
    """Return a log of at most the limit, marked where it was cut."""
    return text if len(text) <= LOG_LIMIT else text[:LOG_LIMIT] + LOG_MARK

"""The last output of a shell, every byte with its number."""

# How far to look for the start of a line when older output is gone.
LINE_SEARCH_BYTES = 4096


class Ring:
    """Keeps the newest `capacity` bytes of a stream that only grows.

    Attributes:
        capacity: Most bytes kept.
        start: Number of the oldest byte kept.
        end: Number that the next byte will get.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.start = 0
        self.end = 0
        self._kept = bytearray()

    def append(self, data: bytes) -> None:
        """Add output, forgetting the oldest where there is no room."""
        self._kept += data
        self.end += len(data)
        excess = len(self._kept) - self.capacity
        if excess > 0:
            del self._kept[:excess]
            self.start += excess

    def read(self, position: int, most: int) -> bytes:
        """Return up to `most` bytes from a position that is kept.

        Raises:
            ValueError: That byte is gone, or not yet there.
        """
        if not self.start <= position <= self.end:
            raise ValueError("position is not in the ring")
        offset = position - self.start
        return bytes(self._kept[offset : offset + most])

    def resume_at(self, seen: int) -> int:
        """Return the number of the first byte for a client that has seen so many.

        That is the next byte where it is still kept.  Where it is gone it is the
        first whole line's, so that no half character or escape sequence is shown.
        Who claims more than there ever was gets all there is.
        """
        if self.start <= seen <= self.end:
            return seen
        if self.start == 0:
            return 0
        newline = self._kept.find(b"\n", 0, LINE_SEARCH_BYTES)
        return self.start + newline + 1

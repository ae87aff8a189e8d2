"""The last output of a shell, every byte with its number."""

import mmap

# How far to look for the start of a line when older output is gone.
LINE_SEARCH_BYTES = 4096


class Ring:
    """Keeps the newest `capacity` bytes of a stream that only grows.

    Byte n lies at n modulo capacity.  Memory of the kernel's own is used, of which
    only what was ever written to counts.

    Attributes:
        capacity: Most bytes kept.
        end: Number that the next byte will get.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.end = 0
        self._kept = mmap.mmap(-1, capacity, flags=mmap.MAP_PRIVATE)

    @property
    def start(self) -> int:
        """Number of the oldest byte kept."""
        return max(0, self.end - self.capacity)

    def append(self, data: bytes) -> None:
        """Add output, forgetting the oldest where there is no room."""
        excess = max(0, len(data) - self.capacity)
        kept = data[excess:] if excess else data
        place = (self.end + excess) % self.capacity
        first = min(len(kept), self.capacity - place)
        self._kept[place : place + first] = kept[:first]
        if first < len(kept):
            self._kept[: len(kept) - first] = kept[first:]
        self.end += len(data)

    def read(self, position: int, most: int) -> bytes:
        """Return up to `most` bytes from a position that is kept.

        Raises:
            ValueError: That byte is gone, or not yet there.
        """
        if not self.start <= position <= self.end:
            raise ValueError("position is not in the ring")
        size = min(most, self.end - position)
        place = position % self.capacity
        data = self._kept[place : place + size]
        return data + self._kept[: size - len(data)] if len(data) < size else data

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
        newline = self.read(self.start, LINE_SEARCH_BYTES).find(b"\n")
        return self.start + newline + 1

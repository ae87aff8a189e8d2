"""What the compared programs printed, as far as it is read."""

from dataclasses import dataclass
from typing import Final

__all__ = ["MOST_BYTES", "Output"]

# All of up to nine outputs is read for one answer.
MOST_BYTES: Final = 2 * 1024 * 1024


@dataclass(frozen=True)
class Output:
    """One program's output.

    Attributes:
        lines: As many as were read.
        whole: Whether these are all.
    """

    lines: list[str]
    whole: bool

    @classmethod
    def read(cls, data: bytes, size: int) -> "Output":
        """Read the beginning of a file.

        Args:
            data: The beginning.
            size: Of the whole file.
        """
        text = data.decode("utf-8", "replace")
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        whole = len(data) >= size
        if not whole or not lines[-1]:
            # Half a line of a longer file, or nothing after the last line break.
            lines.pop()
        return cls(lines, whole)

    def up_to(self, other: "Output") -> list[str]:
        """Return the lines that can be compared with another output."""
        return self.lines if other.whole else self.lines[: len(other.lines)]

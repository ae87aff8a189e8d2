"""How much of a tree is copied: somebody's program has made it."""

from agave_local.errors import PayloadTooLarge

MOST_ENTRIES = 100_000
MOST_DEPTH = 100
# What the files' own names may be together; Linux takes no path that is longer.
MOST_PATH = 4_000


class Budget:
    """What may still be copied.

    Args:
        most_bytes: in all files together; None for no limit.
        most_entries: files, folders and links together.
    """

    def __init__(
        self, most_bytes: int | None = None, most_entries: int = MOST_ENTRIES
    ) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._most_entries = most_entries
        self._entries = 0

    def spend(self, count: int) -> None:
        """Count bytes of a file.

        Raises:
            PayloadTooLarge: they are more than may be copied.
        """
        self._bytes += count
        if self._most_bytes is not None and self._bytes > self._most_bytes:
            mib = self._most_bytes / (1 << 20)
            raise PayloadTooLarge(
                f"The job has more than {mib:g} MiB in its folder; that is not copied."
            )

    def meet(self, depth: int, path_length: int = 0) -> None:
        """Count an entry of a folder.

        Args:
            depth: folders above it.
            path_length: of its path, in bytes.

        Raises:
            PayloadTooLarge: there are too many of them, or it is too deep down.
        """
        self._entries += 1
        if self._entries > self._most_entries:
            raise PayloadTooLarge(
                f"The job has more than {self._most_entries} files in its folder; "
                "that is not copied."
            )
        if depth > MOST_DEPTH or path_length > MOST_PATH:
            raise PayloadTooLarge(
                "The job has made folders in each other that are too deep to be copied."
            )

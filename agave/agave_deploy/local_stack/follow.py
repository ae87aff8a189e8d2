"""Shows a log while it grows."""

import threading
from collections.abc import Callable
from pathlib import Path

__all__ = ["LogFollower"]

_PAUSE_S = 0.1


class LogFollower:
    """Passes on each line that a file gets; owns the thread that does it.

    Args:
        path: of the log, from its end at this moment on.
        say: takes one line.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path = path
        self._say = say
        self._end = threading.Event()
        self._offset = path.stat().st_size if path.exists() else 0
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Pass on what is left, and end."""
        self._end.set()
        self._thread.join()

    def _follow(self) -> None:
        rest = b""
        while True:
            last = self._end.wait(_PAUSE_S)
            rest = self._pass_on(rest + self._read())
            if last:
                break
        if rest:
            self._say(rest.decode("utf-8", "replace"))

    def _read(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError:
            return b""
        self._offset += len(data)
        return data

    def _pass_on(self, data: bytes) -> bytes:
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._say(line.decode("utf-8", "replace"))
        return rest

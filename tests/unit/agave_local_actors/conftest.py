"""A listener that remembers, and packages to run."""

import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agave_local.services.actors.runner.base import Ending

PATIENCE_S = 20.0


class Recorder:
    """Hears what a runner tells.

    Attributes:
        prepared: image and reason, in order.
        frames: of each execution.
        endings: by execution.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.prepared: list[tuple[str, str | None]] = []
        self.frames: dict[str, list[bytes]] = {}
        self.endings: dict[str, Ending] = {}

    def on_prepared(self, image: str, reason: str | None) -> None:
        """Remember an image's preparation."""
        with self._changed:
            self.prepared.append((image, reason))
            self._changed.notify_all()

    def on_frame(self, execution_id: str, frame: bytes) -> None:
        """Remember a frame."""
        with self._changed:
            self.frames.setdefault(execution_id, []).append(frame)
            self._changed.notify_all()

    def on_end(self, execution_id: str, ending: Ending) -> None:
        """Remember an end."""
        with self._changed:
            self.endings[execution_id] = ending
            self._changed.notify_all()

    def wait_prepared(self, times: int = 1) -> str | None:
        """Wait for so many preparations; return the last one's reason."""
        self.wait(lambda: len(self.prepared) >= times)
        return self.prepared[-1][1]

    def wait_end(self, execution_id: str) -> Ending:
        """Wait for an execution's end."""
        self.wait(lambda: execution_id in self.endings)
        return self.endings[execution_id]

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        with self._changed:
            assert self._changed.wait_for(is_so, PATIENCE_S)


@pytest.fixture(name="recorder")
def _recorder() -> Recorder:
    return Recorder()


@pytest.fixture(name="make_package")
def _make_package(tmp_path: Path) -> Iterator[Callable[[str, str, str], str]]:
    """Return what writes an importable package: name, `app`, `__main__`."""

    def make(name: str, app: str, main: str = "") -> str:
        folder = tmp_path / "packages" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder / "app.py").write_text(textwrap.dedent(app))
        (folder / "__main__.py").write_text(textwrap.dedent(main))
        return name

    (tmp_path / "packages").mkdir()
    sys.path.insert(0, str(tmp_path / "packages"))
    yield make
    sys.path.remove(str(tmp_path / "packages"))

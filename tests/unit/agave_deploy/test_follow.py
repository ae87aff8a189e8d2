"""Showing a log while it grows."""

import time
from pathlib import Path

from agave_deploy.local_stack.follow import LogFollower


def _wait_for(lines: list[str], count: int) -> None:
    deadline = time.monotonic() + 5
    while len(lines) < count and time.monotonic() < deadline:
        time.sleep(0.01)


def test_follow_new_lines(tmp_path: Path) -> None:
    """Lines that come are passed on once; those that were there are not."""
    path, lines = tmp_path / "log", list[str]()
    path.write_text("old\n", "utf-8")
    follower = LogFollower(path, lines.append)
    follower.start()
    with path.open("a", encoding="utf-8") as log:
        log.write("one\ntw")
        log.flush()
        _wait_for(lines, 1)
        log.write("o\nlast")
    follower.stop()

    assert lines == ["one", "two", "last"]


def test_follow_missing_log(tmp_path: Path) -> None:
    """A log that is made later is shown from its beginning."""
    path, lines = tmp_path / "log", list[str]()
    follower = LogFollower(path, lines.append)
    follower.start()
    path.write_text("one\n", "utf-8")
    follower.stop()

    assert lines == ["one"]

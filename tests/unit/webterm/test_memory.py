"""What the kernel tells of programs that were killed for a container's memory."""

from pathlib import Path

import pytest

from webterm.memory import memory_kills


@pytest.mark.parametrize(
    "text",
    ["low 0\noom 4\noom_kill 3\n", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"],
)
def test_kills_are_counted(tmp_path: Path, text: str) -> None:
    """Both versions of control groups have the number."""
    (tmp_path / "counter").write_text(text)
    counters = (str(tmp_path / "missing"), str(tmp_path / "counter"))

    assert memory_kills(counters, pid=1) == 3


@pytest.mark.parametrize("text", ["", "\n", "low 1\n"])
def test_nothing_is_known(tmp_path: Path, text: str) -> None:
    """A file without the number counts nothing."""
    (tmp_path / "counter").write_text(text)

    assert memory_kills((str(tmp_path / "counter"),), pid=1) == 0


def test_the_machine_is_not_meant(tmp_path: Path) -> None:
    """Outside a container the number is that of everybody."""
    (tmp_path / "counter").write_text("oom_kill 3\n")

    assert memory_kills((str(tmp_path / "counter"),)) == 0

"""Backups of folders that their users made as deep as they could."""

import os
from pathlib import Path

import pytest

from agave_local.records.backup import back_up
from agave_local.records.restore import restore
from agave_local.records.store import Store


@pytest.mark.parametrize(("name", "depth"), [("d" * 250, 20), ("d", 250)])
def test_what_is_too_deep_is_left_out(tmp_path: Path, name: str, depth: int) -> None:
    """One user's bottomless folder costs nobody else their backup."""
    home = tmp_path / "data" / "storage" / "system" / "anna"
    home.mkdir(parents=True)
    Store(tmp_path / "data" / "tenant.sqlite").close()
    (home / "f").write_text("kept", "utf-8")
    folder = os.open(home, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=folder)
        deeper = os.open(name, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)

    made = back_up(tmp_path / "data", tmp_path / "all.tar")
    restore(tmp_path / "all.tar", tmp_path / "new")

    assert len(made.left_out) == 1
    restored = tmp_path / "new" / "storage" / "system" / "anna"
    assert (restored / "f").read_text("utf-8") == "kept"
    assert (restored / name / name / name).is_dir()

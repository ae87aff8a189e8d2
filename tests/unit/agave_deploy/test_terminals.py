"""Ending the terminals that a stack leaves behind."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from agave_deploy.processes import find_process
from agave_deploy.terminals import stop_terminals


def _record(folder: Path, name: str, process: object) -> None:
    path = folder / name / "pid"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"user": "ada", "process": process}), "utf-8")


def test_stop_terminals(tmp_path: Path) -> None:
    """The living terminal is ended, and only that."""
    with (
        subprocess.Popen(["sleep", "60"]) as own,
        subprocess.Popen(["sleep", "60"]) as other,
    ):
        process = find_process(own.pid)
        stranger = find_process(other.pid)
        assert process is not None
        assert stranger is not None
        _record(tmp_path, "ada-dev-IPT", asdict(process))
        _record(tmp_path, "old-dev-IPT", asdict(stranger) | {"start": "1"})

        assert stop_terminals(tmp_path) == ["ada-dev-IPT"]
        assert own.wait() != 0
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"process": 7}', '{"process": {}}'])
def test_stop_terminals_damaged(tmp_path: Path, text: str) -> None:
    """A file that does not tell for certain who is meant harms nobody."""
    path = tmp_path / "x" / "pid"
    path.parent.mkdir()
    path.write_text(text, "utf-8")

    assert stop_terminals(tmp_path) == []


def test_stop_terminals_none(tmp_path: Path) -> None:
    """Without a folder of terminals there is nothing to do."""
    assert stop_terminals(tmp_path / "no") == []

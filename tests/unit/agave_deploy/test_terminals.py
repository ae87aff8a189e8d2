"""Ending the terminals that a stack leaves behind."""

import json
import os
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from agave_deploy.local_stack.processes import find_process
from agave_deploy.local_stack.terminals import stop_terminals
from sandbox import GroupLimits, find_missing_limits, plan_group


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
        (tmp_path / "ada-dev-IPT" / "bin").mkdir()
        (tmp_path / "ada-dev-IPT" / "launch.json").write_text("{}", "utf-8")
        _record(tmp_path, "old-dev-IPT", asdict(stranger) | {"start": "1"})

        assert stop_terminals(tmp_path) == ["ada-dev-IPT"]
        assert own.wait() != 0
        assert other.poll() is None
        other.kill()
    assert not list(tmp_path.iterdir())


def test_stop_terminals_group(tmp_path: Path) -> None:
    """What still runs in a terminal's control group is ended, and the group goes."""
    limits = GroupLimits(processes=100)
    if find_missing_limits() & limits.wanted():
        pytest.skip("no control groups can be made here")
    group = plan_group(f"test.{os.getpid()}", limits)
    group.make(limits)
    with subprocess.Popen(["sleep", "60"]) as left:
        for entrance in group.entrances():
            entrance.write_text(str(left.pid), "ascii")
        _record(tmp_path, "ada-dev-IPT", {"pid": left.pid, "start": "1", "boot": ""})
        places = json.dumps([str(folder) for folder in group.folders])
        (tmp_path / "ada-dev-IPT" / "group").write_text(places, "utf-8")

        assert stop_terminals(tmp_path) == []
        assert left.wait() != 0
    assert not any(folder.exists() for folder in group.folders)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["[", "7", "[7]", '["ours"]', '["{folder}/kept"]'])
def test_stop_terminals_damaged_group(tmp_path: Path, text: str) -> None:
    """Only folders of terminals' control groups are ever removed as such."""
    kept = tmp_path / "kept"
    kept.mkdir()
    run = tmp_path / "terminals"
    _record(run, "ada-dev-IPT", {"pid": 2**22, "start": "1", "boot": ""})
    group = text.replace("{folder}", str(tmp_path))
    (run / "ada-dev-IPT" / "group").write_text(group, "utf-8")

    assert stop_terminals(run) == []
    assert kept.is_dir()
    assert not list(run.iterdir())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"process": 7}', '{"process": {}}'])
def test_stop_terminals_damaged(tmp_path: Path, text: str) -> None:
    """A file that does not tell for certain who is meant harms nobody."""
    path = tmp_path / "x" / "pid"
    path.parent.mkdir()
    path.write_text(text, "utf-8")

    assert stop_terminals(tmp_path) == []
    assert path.exists()


def test_stop_terminals_none(tmp_path: Path) -> None:
    """Without a folder of terminals there is nothing to do."""
    assert stop_terminals(tmp_path / "no") == []

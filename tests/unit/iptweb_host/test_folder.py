"""The run-time folder of a terminal."""

import json
import os
import stat
import threading
import time
from pathlib import Path

import pytest

from iptweb.errors import HostUnreachable, LaunchFailed
from iptweb.terminals.host.base import Ended, Ending
from iptweb.terminals.host.folder import (
    Living,
    TerminalFolder,
    check_name,
    lock_file,
    try_lock,
)
from iptweb.terminals.host.identity import Identity, read_identity
from sandbox import ControlGroup


def myself() -> Identity:
    """Return this process."""
    identity = read_identity(os.getpid())
    assert identity is not None
    return identity


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> TerminalFolder:
    folder = TerminalFolder(tmp_path, "alice-dev-IPT")
    folder.path.mkdir()
    return folder


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", ".hidden", "a\0b", "a\n", "-x", "ä", "a" * 200],
)
def test_unsafe_name_is_refused(name: str) -> None:
    """No name leads out of the run-time folder."""
    with pytest.raises(LaunchFailed) as refusal:
        check_name(name)

    assert refusal.value.message == "That is not a terminal's name."


def test_living_terminal_is_remembered(folder: TerminalFolder) -> None:
    """What was written down is read again, by anybody who may."""
    living = Living("alice", "launch-1", 4000, myself())
    folder.write_living(living)

    assert folder.living() == living


def test_dead_terminal_is_none(folder: TerminalFolder) -> None:
    """A process that is gone makes no terminal."""
    folder.write_living(Living("alice", "launch-1", 4000, Identity(1, "1", "x")))

    assert folder.living() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"user": "a", "process": 5}'])
def test_damaged_file_is_no_terminal(folder: TerminalFolder, text: str) -> None:
    """Half a file, or another program's, is not believed."""
    (folder.path / "pid").write_text(text)

    assert folder.living() is None


def test_files_are_private(folder: TerminalFolder) -> None:
    """Only the owner may read what is written."""
    folder.write_private(folder.launch_file, json.dumps({}))

    assert stat.S_IMODE(folder.launch_file.stat().st_mode) == 0o600


def test_clearing_leaves_only_the_lock(folder: TerminalFolder) -> None:
    """What an earlier terminal left does not mix with the next one's."""
    with folder.locked():
        (folder.path / "bin").mkdir()
        (folder.path / "bin/ipt").touch()
        (folder.path / "link").symlink_to("/")
        folder.log.touch()
        folder.clear()

        assert [entry.name for entry in folder.path.iterdir()] == ["lock"]


def test_log_tail_is_its_end(folder: TerminalFolder) -> None:
    """A missing log is empty; a long one is cut from the front."""
    assert folder.log_tail() == ""
    folder.log.write_bytes(b"x" * 5000 + b"end")
    assert len(folder.log_tail()) == 2000
    assert folder.log_tail().endswith("end")


def test_lock_keeps_others_out(tmp_path: Path) -> None:
    """While it is held nobody else gets it, and waiting has an end."""
    file = tmp_path / "x/lock"
    with lock_file(file):
        assert try_lock(file) is None
        with (
            pytest.raises(HostUnreachable, match="another request"),
            lock_file(file, 0),
        ):
            pass
    with lock_file(file, 0):
        pass


def test_lock_is_not_fooled_by_a_removed_file(tmp_path: Path) -> None:
    """Who waited for a lock that was removed with its folder takes the new one."""
    folder = TerminalFolder(tmp_path, "t")
    entered: list[bool] = []

    def wait_for_it() -> None:
        with folder.locked():
            entered.append(folder.path.joinpath("lock").exists())

    with folder.locked():
        thread = threading.Thread(target=wait_for_it)
        thread.start()
        time.sleep(0.05)
        folder.remove()
    thread.join()

    assert entered == [True]


def test_lock_that_can_not_be_made_is_explained(tmp_path: Path) -> None:
    """A run-time folder that is none is the host's failure."""
    (tmp_path / "file").touch()

    with (
        pytest.raises(HostUnreachable, match="disk full"),
        lock_file(tmp_path / "file/lock"),
    ):
        pass


def test_link_in_place_of_a_lock_is_not_followed(tmp_path: Path) -> None:
    """A link that somebody put there makes no file elsewhere."""
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(HostUnreachable), lock_file(tmp_path / "lock"):
        pass
    assert not (tmp_path / "elsewhere").exists()


@pytest.fixture(name="group")
def _group(folder: TerminalFolder, tmp_path: Path) -> Path:
    """Return the folder of a control group that is made of plain files."""
    group = tmp_path / "ipt-terminals/x"
    group.mkdir(parents=True)
    folder.write_group(ControlGroup((group,)))
    return group


def test_group_is_remembered(folder: TerminalFolder, group: Path) -> None:
    """It can be removed by whoever comes next."""
    assert folder.group() == ControlGroup((group,))
    folder.clear()
    assert not group.exists()
    assert folder.group() == ControlGroup(())


@pytest.mark.parametrize("text", ["", "{", "3", "[3]"])
def test_broken_note_of_a_group_is_none(folder: TerminalFolder, text: str) -> None:
    """Nothing is removed by guessing."""
    (folder.path / "group").write_text(text)

    assert folder.group() == ControlGroup(())


def test_group_that_stays_is_told(folder: TerminalFolder, group: Path) -> None:
    """The folder stays too, so that nothing that runs is forgotten."""
    (group / "held").mkdir()

    with pytest.raises(HostUnreachable, match="can't be ended"):
        folder.end_group(0.02)
    assert folder.path.is_dir()


@pytest.mark.parametrize(
    ("log", "kills", "ending"),
    [
        ("", 0, Ending.UNKNOWN),
        ("", 1, Ending.MEMORY),
        ('ended {"reason": "exit", "status": 137}', 1, Ending.MEMORY),
        ('ended {"reason": "exit", "status": 137}', 0, Ending.EXIT),
        ('ended {"reason": "exit", "status": 0}', 1, Ending.EXIT),
        ('ended {"reason": "idle", "status": 129}', 1, Ending.IDLE),
        ("ended [1]", 1, Ending.MEMORY),
    ],
)
def test_memory_is_named_where_it_ended_the_terminal(
    folder: TerminalFolder, group: Path, log: str, kills: int, ending: Ending
) -> None:
    """And not where some program alone had to go."""
    (group / "memory.events").write_text(f"oom_kill {kills}\n")
    folder.log.write_text(f"a line\n{log}\n")
    folder.write_living(Living("alice", "launch-1", 4000, Identity(1, "1", "x")))

    assert folder.ended() == Ended("launch-1", ending)

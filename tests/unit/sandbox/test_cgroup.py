"""Control groups: in trees that are made of plain files, and in real ones."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox import ControlGroup, GroupLimits, find_missing_limits, find_parents
from sandbox.cgroup import FOLDER, make_folder, plan_group
from sandbox.hierarchies import Hierarchy, read_hierarchies

ALL = frozenset({"memory", "pids", "cpu"})
LIMITS = GroupLimits(memory_bytes=64 << 20, processes=7, processors=0.5)
Tell = Callable[[str, str], Path]


@pytest.fixture(name="tell")
def _tell(tmp_path: Path) -> Tell:
    """Return what writes a process's folder in /proc; @ stands for the test's."""

    def tell(mountinfo: str, cgroup: str) -> Path:
        process = tmp_path / "proc"
        process.mkdir()
        (process / "mountinfo").write_text(mountinfo.replace("@", str(tmp_path)))
        (process / "cgroup").write_text(cgroup)
        return process

    return tell


def make_tree(folder: Path, shared: str, *names: str) -> Path:
    """Make a group's folder of version 2 with its files."""
    folder.mkdir(parents=True)
    (folder / "cgroup.controllers").write_text("cpu memory pids io\n")
    (folder / "cgroup.subtree_control").write_text(shared)
    for name in names:
        (folder / name).write_text("")
    return folder


def test_trees_of_version_1_are_found(tell: Tell, tmp_path: Path) -> None:
    """One for each controller that we use, at the process's own group."""
    process = tell(
        "30 20 0:1 / @/memory rw - cgroup cgroup rw,memory\n"
        "31 20 0:2 / @/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "32 20 0:3 / @/freezer rw - cgroup cgroup rw,freezer\n"
        "33 20 0:4 / /home rw - ext4 /dev/sda rw\n",
        "4:memory:/mine\n3:cpu,cpuacct:/\n2:freezer:/\n",
    )

    assert read_hierarchies(process) == [
        Hierarchy(
            tmp_path / "memory/mine",
            tmp_path / "memory",
            ALL & {"memory"},
            unified=False,
        ),
        Hierarchy(
            tmp_path / "cpu,cpuacct",
            tmp_path / "cpu,cpuacct",
            ALL & {"cpu"},
            unified=False,
        ),
    ]


def test_part_of_a_tree_begins_where_it_is_mounted(tell: Tell, tmp_path: Path) -> None:
    """In a container paths are those of the machine, and the mount is a part of it."""
    process = tell(
        "30 20 0:1 /docker/abc @/memory ro - cgroup cgroup rw,memory\n"
        "31 20 0:2 /docker/abc @/pids ro - cgroup cgroup rw,pids\n",
        "4:memory:/docker/abc/inner\n3:pids:/elsewhere\n",
    )
    folders = [tree.folder for tree in read_hierarchies(process)]

    assert folders == [tmp_path / "memory/inner", tmp_path / "pids"]


def test_machine_without_groups_has_no_trees(tmp_path: Path) -> None:
    """Nor has one that does not tell."""
    assert read_hierarchies(tmp_path / "nothing") == []
    assert find_parents(process=tmp_path / "nothing") == {}
    assert find_missing_limits(tmp_path / "nothing") == ALL


def test_groups_are_made_below_the_callers_own(tell: Tell, tmp_path: Path) -> None:
    """Of version 1, for those controllers only that are needed."""
    process = tell(
        "30 20 0:1 / @/memory rw - cgroup cgroup rw,memory\n"
        "31 20 0:2 / @/pids rw - cgroup cgroup rw,pids\n",
        "4:memory:/mine\n3:pids:/\n",
    )
    (tmp_path / "memory/mine").mkdir(parents=True)
    (tmp_path / "pids").mkdir()
    parents = find_parents(process=process)

    assert parents == {
        tmp_path / "memory/mine" / FOLDER: ALL & {"memory"},
        tmp_path / "pids" / FOLDER: ALL & {"pids"},
    }
    only_pids = plan_group("x", GroupLimits(processes=5), process)
    assert only_pids == ControlGroup((tmp_path / "pids" / FOLDER / "x",))


def test_parent_is_used_in_version_2(tell: Tell, tmp_path: Path) -> None:
    """There are no limits below a group that has processes, as our own has.

    It is left alone: with some of them tried below it, it would be of another kind.
    """
    process = tell("30 20 0:1 / @/v2 rw - cgroup2 cgroup rw\n", "0::/slice/mine\n")
    make_tree(tmp_path / "v2", "")
    make_tree(tmp_path / "v2/slice", "memory pids cpu\n")
    mine = make_tree(tmp_path / "v2/slice/mine", "")
    ours = make_tree(tmp_path / "v2/slice" / FOLDER, "memory pids cpu\n")

    assert find_parents(process=process) == {ours: ALL}
    assert (mine / "cgroup.subtree_control").read_text() == ""
    assert not (mine / FOLDER).exists()


def test_root_of_version_2_is_used_where_we_are_there(
    tell: Tell, tmp_path: Path
) -> None:
    """It may have processes and groups with limits below it."""
    process = tell("30 20 0:1 / @/v2 rw - cgroup2 cgroup rw\n", "0::/\n")
    make_tree(tmp_path / "v2", "memory pids cpu\n")
    ours = make_tree(tmp_path / "v2" / FOLDER, "memory pids cpu\n")

    assert find_parents(process=process) == {ours: ALL}


def test_group_of_version_2_that_is_not_ours_is_left(
    tell: Tell, tmp_path: Path
) -> None:
    """Nothing can be shared out there, so nothing is limited."""
    process = tell("30 20 0:1 / @/v2 rw - cgroup2 cgroup rw\n", "0::/\n")
    make_tree(tmp_path / "v2", "io\n")
    make_tree(tmp_path / "v2" / FOLDER, "")

    assert find_parents(process=process) == {}


@pytest.mark.parametrize(
    ("names", "texts"),
    [
        (
            (
                "memory.limit_in_bytes",
                "pids.max",
                "cpu.cfs_period_us",
                "cpu.cfs_quota_us",
            ),
            ("67108864", "7", "100000", "50000"),
        ),
        (
            ("memory.max", "memory.swap.max", "pids.max", "cpu.max"),
            ("67108864", "0", "7", "50000 100000"),
        ),
    ],
)
def test_limits_are_set_in_either_version(
    tmp_path: Path, names: tuple[str, ...], texts: tuple[str, ...]
) -> None:
    """In the files that a group has."""
    folder = make_tree(tmp_path / FOLDER / "x", "", *names)
    group = ControlGroup((folder,))

    assert group.make(LIMITS) == ALL
    assert tuple((folder / name).read_text() for name in names) == texts
    assert group.entrances() == (folder / "cgroup.procs",)


def test_limit_that_can_not_be_set_does_not_count(tmp_path: Path) -> None:
    """Nor does one whose file is missing."""
    folder = make_tree(tmp_path / FOLDER / "x", "")
    (folder / "pids.max").mkdir()
    (folder / "cpu.max").write_text("")

    assert ControlGroup((folder,)).make(LIMITS) == {"cpu"}


def test_group_that_can_not_be_made_holds_nothing(tmp_path: Path) -> None:
    """And there is no way into it."""
    (tmp_path / "file").write_text("")
    group = ControlGroup((tmp_path / "file" / FOLDER / "x",))

    assert group.make(LIMITS) == frozenset()
    assert group.entrances() == ()
    assert group.processes() == set()


def test_parent_that_keeps_going_is_not_waited_for(tmp_path: Path) -> None:
    """A link to nowhere looks like it."""
    (tmp_path / FOLDER).symlink_to(tmp_path / "nowhere")

    assert make_folder(tmp_path / FOLDER / "x", ALL) is False


def test_memory_kills_are_counted(tmp_path: Path) -> None:
    """As either version tells them."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    (old / "memory.oom_control").write_text("under_oom 0\noom_kill 2\n")
    (new / "memory.events").write_text("low 0\noom 5\noom_kill 3\n")

    assert ControlGroup((old,)).memory_kills() == 2
    assert ControlGroup((new,)).memory_kills() == 3
    assert ControlGroup((tmp_path / "none",)).memory_kills() == 0


def test_group_that_stays_is_told(tmp_path: Path) -> None:
    """Nothing is waited for longer than was asked."""
    folder = tmp_path / FOLDER / "x"
    (folder / "held").mkdir(parents=True)

    assert ControlGroup((folder,)).end(0.02) is False
    (folder / "held").rmdir()
    assert ControlGroup((folder,)).end() is True
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.skipif(bool(find_missing_limits()), reason="no control groups here")
def test_real_group_limits_and_ends() -> None:
    """A process that goes in is in, and does not outlive the group."""
    group = plan_group(f"test.{os.getpid()}", LIMITS)
    held = group.make(LIMITS)
    ways = " ".join(str(entrance) for entrance in group.entrances())
    script = f"for way in {ways}; do echo 0 > $way; done; echo in; exec sleep 60"
    with subprocess.Popen(["/bin/sh", "-c", script], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"in\n"
        inside = group.processes()
        ended = group.end()
        status = child.wait()

    assert held == ALL
    assert child.pid in inside
    assert ended is True
    assert status == -signal.SIGKILL
    assert not any(folder.exists() for folder in group.folders)

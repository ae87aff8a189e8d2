"""What a new home holds."""

import os
import stat
from pathlib import Path

import pytest

from iptweb.errors import LaunchFailed
from iptweb.terminals.host.welcome import prepare_home


@pytest.fixture(name="samples")
def _samples(tmp_path: Path) -> Path:
    samples = tmp_path / "ipt/samples"
    (samples / "data/deep").mkdir(parents=True)
    (samples / "__pycache__").mkdir()
    (samples / "heat.c").write_text("heat")
    (samples / "sort.cpp").write_text("sort")
    (samples / "README").write_text("read me")
    (samples / "data/grid.txt").write_text("1 2")
    (samples / "data/deep/x.c").write_text("x")
    (samples / "__pycache__/x.pyc").write_text("x")
    return samples


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    return tmp_path / "homes/alice"


def listing(home: Path) -> list[str]:
    """Return all files below a home."""
    return sorted(str(f.relative_to(home)) for f in home.rglob("*") if f.is_file())


def test_new_home_gets_the_samples(home: Path, samples: Path) -> None:
    """Samples are in their folder, and sources in the home too."""
    prepare_home(home, samples)

    assert listing(home) == [
        *(".ipt-welcome", "heat.c", "samples/README", "samples/data/deep/x.c"),
        *("samples/data/grid.txt", "samples/heat.c", "samples/sort.cpp", "sort.cpp"),
    ]
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_deleted_samples_do_not_come_back(home: Path, samples: Path) -> None:
    """The second start leaves the home as it is."""
    prepare_home(home, samples)
    (home / "heat.c").unlink()
    (home / "samples/heat.c").write_text("mine")
    prepare_home(home, samples)

    assert not (home / "heat.c").exists()
    assert (home / "samples/heat.c").read_text() == "mine"


def test_nothing_is_overwritten(home: Path, samples: Path) -> None:
    """A file of that name stays the user's, and a file named samples is no trouble."""
    home.mkdir(parents=True)
    (home / "heat.c").write_text("mine")
    (home / "samples").write_text("a file")
    prepare_home(home, samples)

    assert (home / "heat.c").read_text() == "mine"
    assert (home / "samples").read_text() == "a file"
    assert (home / "sort.cpp").read_text() == "sort"


@pytest.mark.parametrize(
    "name", ["heat.c", "samples", "samples/heat.c", ".ipt-welcome"]
)
def test_links_of_the_user_are_not_followed(
    home: Path, samples: Path, tmp_path: Path, name: str
) -> None:
    """Whatever the user links, nothing is made or changed outside the home."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_text("untouched")
    link = home / name
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / ("victim" if name == "heat.c" else ""))
    if name == ".ipt-welcome":
        link.unlink()
        link.symlink_to(outside / "made")
    prepare_home(home, samples)

    assert [entry.name for entry in outside.iterdir()] == ["victim"]
    assert (outside / "victim").read_text() == "untouched"


@pytest.mark.parametrize("samples", [None, "empty"])
def test_without_samples_the_home_is_empty(home: Path, samples: str | None) -> None:
    """Nothing to offer means no marker, so that samples can come later."""
    folder = None if samples is None else home.parent / samples
    if folder is not None:
        folder.mkdir(parents=True)
    prepare_home(home, folder)

    assert listing(home) == []


def test_home_that_is_a_link_is_refused(home: Path, tmp_path: Path) -> None:
    """A home is a folder, not a way to another one."""
    home.parent.mkdir()
    home.symlink_to(tmp_path)

    with pytest.raises(LaunchFailed, match="home folder can't be opened"):
        prepare_home(home, None)


def test_home_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    """A file in the way is a failure that is explained."""
    (tmp_path / "homes").touch()

    with pytest.raises(LaunchFailed, match="home folder can't be opened"):
        prepare_home(tmp_path / "homes/alice", None)


def test_sample_that_can_not_be_copied_is_left_out(
    home: Path, samples: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full or broken disk is logged, leaves no half file, and stops nothing."""
    # Reading that file at its start fails with an input or output error.
    (samples / "a.c").symlink_to("/proc/self/mem")

    prepare_home(home, samples)

    assert caplog.messages == ["samples were not copied: Input/output error"]
    assert not (home / "samples/a.c").exists()
    assert not (home / ".ipt-welcome").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_makes_belongs_to_the_owner(home: Path, samples: Path) -> None:
    """A new home belongs to whom the folder of homes belongs to, with all in it."""
    home.parent.mkdir()
    os.chown(home.parent, 12345, 23456)
    prepare_home(home, samples)

    found = {(f.lstat().st_uid, f.lstat().st_gid) for f in [home, *home.rglob("*")]}
    assert found == {(12345, 23456)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_files_that_are_there_stay_whose_they_are(home: Path, samples: Path) -> None:
    """Only what is made now is given away, to the owner of the home."""
    home.mkdir(parents=True)
    (home / "heat.c").write_text("mine")
    os.chown(home, 12345, 23456)
    os.chown(home / "heat.c", 999, 999)
    prepare_home(home, samples)

    assert (home / "heat.c").stat().st_uid == 999
    assert (home / "samples/heat.c").stat().st_uid == 12345
    assert home.parent.stat().st_uid == 0

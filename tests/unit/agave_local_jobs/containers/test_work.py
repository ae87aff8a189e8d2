"""The work folder before it is a container's."""

import os
from pathlib import Path

import pytest

from agave_local.services.jobs.containers.work import Account, prepare
from agave_local.services.jobs.order import Order

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture(name="work")
def _work(order: Order) -> Path:
    return Path(order.work)


def test_outputs_are_made(order: Order, work: Path) -> None:
    """The files of both outputs are there, empty; a second time they will do."""
    for _ in range(2):
        prepare(order)

    assert {path.name: path.read_bytes() for path in work.iterdir()} == {
        "x.out": b"",
        "x.err": b"",
    }


@pytest.mark.parametrize("kind", ["link", "dangling", "text", "folder", "twin"])
def test_something_else_is_there(
    order: Order, work: Path, tmp_path: Path, kind: str
) -> None:
    """What is no empty file of ours is refused, and never written through."""
    target = tmp_path / "target"
    target.write_text("kept" if kind == "link" else "")
    out = work / "x.out"
    if kind == "link":
        out.symlink_to(target)
    elif kind == "dangling":
        out.symlink_to(tmp_path / "none")
    elif kind == "text":
        out.write_text("input")
    elif kind == "folder":
        out.mkdir()
    else:
        os.link(target, out)

    with pytest.raises(FileExistsError):
        prepare(order)

    assert not (tmp_path / "none").exists()


@AS_ROOT
def test_root_gives_it_away(order: Order, work: Path, tmp_path: Path) -> None:
    """What root has staged belongs to the container's account; no link is followed."""
    (work / "folder").mkdir()
    (work / "folder" / "input").write_text("input")
    kept = tmp_path / "kept"
    kept.write_text("kept")
    (work / "link").symlink_to(kept)

    assert str(prepare(order)) == "1000:1000"

    for path in (work, *work.rglob("*")):
        assert path.lstat().st_uid == path.lstat().st_gid == 1000, path
    assert kept.stat().st_uid == 0


@AS_ROOT
def test_somebody_s_own_folder(order: Order, work: Path) -> None:
    """The container runs as who owns the folder; what root added is given to them."""
    os.chown(work, 1234, 1235)
    (work / "added").write_text("")

    assert prepare(order) == Account(1234, 1235)

    assert (work / "added").stat().st_uid == 1234


def test_who_is_not_root_gives_nothing(order: Order, work: Path) -> None:
    """Without root's rights nothing changes hands."""
    before = work.stat().st_uid

    prepare(order, me=lambda: 1000)

    assert work.stat().st_uid == before

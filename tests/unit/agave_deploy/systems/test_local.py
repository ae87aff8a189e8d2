"""The systems of the local stack: what `up` writes, and what it leaves alone."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from agave_deploy.errors import RegistryError, StackError
from agave_deploy.systems.local import REGISTRY, prepare_systems
from agave_deploy.systems.local_slurm import Answer
from agave_deploy.systems.reading import read_systems

ROOT = Path(__file__).parents[4]


def with_slurm(command: Sequence[str]) -> Answer:
    """Answer as a Slurm with one partition."""
    if command[0] == "sinfo":
        return 0, "debug|4|16000\n"
    return 0, "PartitionName=debug Default=YES MaxTime=01:00:00 State=UP"


def without_slurm(_command: Sequence[str]) -> Answer:
    """Answer as a machine without Slurm."""
    return 127, "there is no sinfo here"


def _names(folders: list[Path]) -> list[str]:
    return [entry.name for entry in read_systems(folders, {})]


def test_with_slurm(tmp_path: Path) -> None:
    """Where Slurm answers it is a system, with the partitions that there are."""
    said: list[str] = []

    folders = prepare_systems(ROOT, tmp_path, "auto", said.append, with_slurm)

    local, slurm = read_systems(folders, {})
    assert (local.name, slurm.name) == ("local", "local-slurm")
    (queue,) = slurm.queues
    assert (queue.name, queue.max_processors, queue.max_run_time, queue.max_memory) == (
        *("debug", 4, "01:00:00"),
        "16000MB",
    )
    assert {preset.processors for preset in slurm.presets} == {1, 4}
    assert said == ["Slurm of this machine is a system, with the queues debug"]


@pytest.mark.parametrize("slurm", ["auto", "off"])
def test_without_slurm(tmp_path: Path, slurm: str) -> None:
    """Without an answer, or where nobody wants it, there is only this machine."""
    ask = without_slurm if slurm == "auto" else with_slurm

    assert _names(prepare_systems(ROOT, tmp_path, slurm, pytest.fail, ask)) == ["local"]


def test_slurm_asked_for(tmp_path: Path) -> None:
    """Who asks for Slurm is told why there is none."""
    with pytest.raises(StackError, match=r"does not answer \(there is no sinfo here"):
        prepare_systems(ROOT, tmp_path, "on", pytest.fail, without_slurm)


def test_slurm_is_gone(tmp_path: Path) -> None:
    """A Slurm that no longer answers is no longer a system."""
    prepare_systems(ROOT, tmp_path, "on", lambda _line: None, with_slurm)

    folders = prepare_systems(ROOT, tmp_path, "auto", pytest.fail, without_slurm)

    assert _names(folders) == ["local"]


def test_own_files(tmp_path: Path) -> None:
    """An operator's files lie beside the shipped ones, and are kept."""
    shipped = (ROOT / REGISTRY / "local.yaml").read_text("utf-8")
    own = tmp_path / "systems" / "mine.yaml"
    own.parent.mkdir()
    own.write_text(shipped.replace("name: local\n", "name: mine\n"), "utf-8")

    folders = prepare_systems(ROOT, tmp_path, "off")

    assert _names(folders) == ["local", "mine"]
    assert own.exists()


def test_folder_for_own_files(tmp_path: Path) -> None:
    """The folder for an operator's files is there from the first start on."""
    prepare_systems(ROOT, tmp_path, "off")

    assert (tmp_path / "systems").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("text", ["name: local", "- a"])
def test_damaged_checkout(tmp_path: Path, text: str) -> None:
    """A shipped file that is wrong is named."""
    folder = tmp_path / "checkout" / REGISTRY
    folder.mkdir(parents=True)
    (folder / "local.yaml").write_text(yaml.safe_dump(yaml.safe_load(text)), "utf-8")

    with pytest.raises(RegistryError, match=r"local\.yaml"):
        prepare_systems(tmp_path / "checkout", tmp_path, "off")

"""An operator's own programs in the table of images."""

from pathlib import Path

import pytest

from agave_deploy.errors import StackError
from agave_deploy.local_stack.own_images import read_own_images


def test_without_a_file(tmp_path: Path) -> None:
    """Nobody has to have programs of their own."""
    assert read_own_images(tmp_path) == {}


def test_own_programs(tmp_path: Path) -> None:
    """Each entry is handed on as it stands."""
    (tmp_path / "images.yaml").write_text("mine/tool: {command: [sh, -c, 'true']}\n")

    assert read_own_images(tmp_path) == {"mine/tool": {"command": ["sh", "-c", "true"]}}


@pytest.mark.parametrize(
    ("text", "message"),
    [("[a]", "must have a line for each"), ("a: [", "can't be read")],
)
def test_no_table(tmp_path: Path, text: str, message: str) -> None:
    """What is no table is refused, with the file's name."""
    (tmp_path / "images.yaml").write_text(text)

    with pytest.raises(StackError, match=f"images.yaml {message}"):
        read_own_images(tmp_path)

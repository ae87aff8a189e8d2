"""Where the interpreter and its packages are."""

import json
import sys
from pathlib import Path

import pytest

from iptweb.errors import LaunchFailed
from iptweb.terminals.host.layout import find_layout, outermost, read_layout


def write_python(file: Path, script: str) -> Path:
    """Make an executable that stands in for an interpreter."""
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def test_own_interpreter_is_described() -> None:
    """The interpreter's folders are found, with server, samples and image."""
    layout = find_layout(Path(sys.executable))
    prefix = Path(sys.prefix)

    assert layout.python == Path(sys.executable)
    assert any(prefix.is_relative_to(folder) for folder in layout.folders)
    assert layout.image is not None
    assert (layout.image / "bashrc").is_file()


def test_only_packages_of_a_checkout_are_shown() -> None:
    """The folder that holds a checkout, its data and its secrets is not shown."""
    layout = find_layout(Path(sys.executable))
    checkout = Path(__file__).parents[3]

    assert checkout not in layout.folders
    assert not any(checkout.is_relative_to(folder) for folder in layout.folders)


@pytest.mark.parametrize("script", ["exit 1", "echo no json", "echo '['", "kill -9 $$"])
def test_interpreter_that_does_not_work_is_refused(tmp_path: Path, script: str) -> None:
    """The message names the setting."""
    with pytest.raises(LaunchFailed, match="ipt_python"):
        find_layout(write_python(tmp_path / "python", script))


def test_missing_interpreter_is_refused(tmp_path: Path) -> None:
    """A path to nothing names the setting too."""
    with pytest.raises(LaunchFailed, match=r"does not work.*ipt_python"):
        find_layout(tmp_path / "python")


def test_interpreter_without_server_is_refused(tmp_path: Path) -> None:
    """An interpreter into which nothing of ours is installed is of no use."""
    answer = '{"executable": "/x", "roots": [], "packages": {"webterm": []}}'

    with pytest.raises(LaunchFailed, match="not installed"):
        find_layout(write_python(tmp_path / "python", f"echo '{answer}'"))


def test_folders_inside_others_are_left_out() -> None:
    """No folder is mounted twice, and neither the root nor the system's own."""
    paths = ["/", "/usr", "/usr/lib/python3", "/v", "/v/lib/x", "/w/x", "/bin"]

    assert outermost([Path(path) for path in paths]) == (Path("/v"), Path("/w/x"))


@pytest.fixture(name="kept")
def _kept(tmp_path: Path) -> Path:
    return tmp_path / "run/.layout"


@pytest.fixture(name="python")
def _python(tmp_path: Path) -> Path:
    """Return an interpreter that counts how often it is asked."""
    (tmp_path / "packages").mkdir()
    (tmp_path / "run").mkdir()
    answer = {
        "executable": str(tmp_path / "python"),
        "roots": [str(tmp_path)],
        "packages": {"webterm": ["/w"], "ipt": [], "functions": []},
        "watched": [str(tmp_path / "packages"), str(tmp_path / "missing")],
    }
    script = f"echo >> {tmp_path}/asked; echo '{json.dumps(answer)}'"
    return write_python(tmp_path / "python", script)


def asked(python: Path) -> int:
    """Return how often an interpreter was asked."""
    return len((python.parent / "asked").read_text())


def test_answer_is_kept_for_the_next_process(python: Path, kept: Path) -> None:
    """The interpreter is asked once, and the kept answer is the same."""
    first = read_layout(python, kept)

    assert read_layout(python, kept) == first
    assert asked(python) == 1


def test_answer_is_asked_anew_where_packages_change(python: Path, kept: Path) -> None:
    """Something is installed, or what was missing is there."""
    read_layout(python, kept)
    (python.parent / "packages/new").touch()
    read_layout(python, kept)
    (python.parent / "missing").touch()
    read_layout(python, kept)

    assert asked(python) == 3


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"python": 1, "found": {}}', "\0"])
def test_broken_answer_is_asked_anew(python: Path, kept: Path, text: str) -> None:
    """Whatever is in the file."""
    kept.write_text(text)

    assert read_layout(python, kept).python == python
    assert asked(python) == 1


def test_answer_of_another_interpreter_does_not_count(
    python: Path, kept: Path, tmp_path: Path
) -> None:
    """A changed setting counts at once."""
    read_layout(python, kept)
    other = write_python(tmp_path / "other", python.read_text().partition("\n")[2])
    read_layout(other, kept)

    assert asked(python) == 2


def test_answer_that_can_not_be_kept_is_used(python: Path, tmp_path: Path) -> None:
    """Then the next process asks again."""
    kept = tmp_path / "missing-folder/.layout"
    read_layout(python, kept)
    read_layout(python, kept)

    assert asked(python) == 2

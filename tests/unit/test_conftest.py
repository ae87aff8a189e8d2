"""The rules of tests/conftest.py, tried on themselves."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
UNICORN = """
from agave_deploy.local_stack import doctor

doctor.COMPONENTS["unicorn"] = doctor.Component(
    "unicorn", "no magic", "unicorn", "", lambda machine: "no hoof here"
)
"""
TEST = """
import pytest

@pytest.mark.needs("unicorn")
def test_magic():
    pass
"""


def test_connect_outside_refused() -> None:
    """A connection to another machine is refused before a packet leaves."""
    with socket.socket() as client, pytest.raises(RuntimeError, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


def test_connect_outside_by_name_refused() -> None:
    """A host name other than localhost counts as another machine."""
    with pytest.raises(RuntimeError, match="example"):
        socket.create_connection(("tenant.example.org", 80))


def test_connect_loopback_allowed() -> None:
    """A connection to this machine works."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            client.sendall(b"x")
        peer, _ = server.accept()
        with peer:
            assert peer.recv(1) == b"x"


def test_environment_is_clean() -> None:
    """No setting of the person who runs the tests reaches a test."""
    ours = [
        name
        for name in os.environ
        if name.startswith(("IPT_", "AGAVE_", "_abaco_")) and name != "IPT_REQUIRE"
    ]

    assert ours == []


def _run(folder: Path, test: str, require: str) -> str:
    text = CONFTEST.read_text("utf-8")
    docstring_end = text.index('"""', 3) + 3
    text = text[:docstring_end] + UNICORN + text[docstring_end:]
    (folder / "conftest.py").write_text(text, "utf-8")
    (folder / "test_magic.py").write_text(test, "utf-8")
    options = [
        "-p",
        "no:cacheprovider",
        "-o",
        "markers=needs",
        "-rsf",
        "--rootdir",
        ".",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-c", "/dev/null", "test_magic.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"IPT_REQUIRE": require, "PATH": os.environ["PATH"], "COLUMNS": "200"},
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("require", ["", "gcc"])
def test_missing_component_skips(tmp_path: Path, require: str) -> None:
    """A test whose component is missing is skipped, and says how to install it."""
    said = _run(tmp_path, TEST, require)

    assert "1 skipped" in said
    assert "component unicorn is missing (no hoof here): apt install unicorn" in said


@pytest.mark.parametrize("require", ["all", "gcc, unicorn"])
def test_missing_component_required(tmp_path: Path, require: str) -> None:
    """A test whose component is asked for and missing fails."""
    said = _run(tmp_path, TEST, require)

    assert "IPT_REQUIRE asks for it" in said
    assert "1 error" in said


def test_unknown_component(tmp_path: Path) -> None:
    """A test that needs what nobody knows fails."""
    said = _run(tmp_path, TEST.replace("unicorn", "uniform"), "")

    assert "there is no component 'uniform'" in said


def test_unknown_requirement(tmp_path: Path) -> None:
    """A requirement that names what nobody knows stops the run."""
    said = _run(tmp_path, TEST, "unicron")

    assert "IPT_REQUIRE names unknown components: unicron" in said

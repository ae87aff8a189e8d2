"""The command `image`: what it refuses, and what it orders; no engine answers here."""

from pathlib import Path

import pytest

from agave_deploy.cli import main

ROOT = Path(__file__).parents[3]
CALL = ["--program", "build.sh", "--root", str(ROOT), "image"]
SILENT = ["--engine", "unix:///no.sock"]


@pytest.mark.parametrize(
    "names",
    [[], ["functions"], ["webterm", "files"], ["terminal-session"]],
)
def test_engine_is_asked(names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Functions, all of them, and terminals are built on the engine that is named."""
    assert main([*CALL, *names, *SILENT]) == 1

    assert "build.sh: The engine unix:///no.sock does" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["unknown"], "There is no function unknown; there are auth-callback, "),
        (["webterm", "--tag", "x"], "--tag is for terminal-session alone"),
        (["--tag", "x"], "For the names before them: --prefix"),
        (["functions", "webterm"], "`functions` is all of them"),
        (["terminal-session", "webterm", "--tag", "x"], "terminal-session alone"),
    ],
)
def test_refused(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can't be meant is refused with the way out."""
    assert main([*CALL, *arguments, *SILENT]) == 1

    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("prefix", ["IPT/", "ipt", "a b/", "/", "https://x/", "x:y/"])
def test_bad_prefix(prefix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A prefix that no engine would take is a wrong use."""
    with pytest.raises(SystemExit):
        main([*CALL, "webterm", "--prefix", prefix, *SILENT])

    assert "a prefix has lower-case names that end with /" in capsys.readouterr().err


@pytest.mark.parametrize("prefix", ["", "ipt/", "registry.example.org:5000/a/b/"])
def test_prefix(prefix: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A prefix may name a registry and folders, or be none."""
    assert main([*CALL, "webterm", "--prefix", prefix, *SILENT]) == 1

    assert "does not answer" in capsys.readouterr().err

"""The operator's own settings of a local stack."""

from pathlib import Path
from typing import Any

import pytest

from agave_deploy.errors import ProfileError
from agave_deploy.local_stack.local_profile import (
    SETTINGS_FILE,
    TerminalChoice,
    choose_jobs,
    choose_terminals,
    make_local_profile,
    read_own_settings,
    write_command,
)

FOUND = "unix:///run/found.sock"
NAMED = "unix:///run/named.sock"
OWN = "unix:///run/own.sock"


def _settings(data: Path, terminals: TerminalChoice) -> dict[str, Any]:
    fields = make_local_profile(data, "http://127.0.0.1:1", ["ada"], terminals)
    settings: dict[str, Any] = fields["settings"]
    return settings


def test_own_settings_are_kept(tmp_path: Path) -> None:
    """Each profile that `up` makes has what the operator wrote."""
    text = "terminal_capacity: 1\nterminal_limits: {memory: 1g}\n"
    (tmp_path / SETTINGS_FILE).write_text(text, "utf-8")

    settings = _settings(tmp_path, TerminalChoice())

    assert settings["terminal_capacity"] == 1
    assert settings["terminal_limits"] == {"memory": "1g"}
    assert settings["terminal_dir"] == str(tmp_path / "terminals")


@pytest.mark.parametrize("text", [None, "", "# terminal_capacity: 1\n"])
def test_no_own_settings(tmp_path: Path, text: str | None) -> None:
    """Without settings of the operator `up` chooses all of them."""
    if text is not None:
        (tmp_path / SETTINGS_FILE).write_text(text, "utf-8")

    assert read_own_settings(tmp_path) == {}


@pytest.mark.parametrize(
    ("host", "engine", "expected"),
    [
        ("auto", None, {"terminal_host": "sandbox", "terminal_engine": OWN}),
        ("docker", None, {"terminal_host": "docker", "terminal_engine": OWN}),
        ("process", None, {"terminal_host": "process", "terminal_engine": OWN}),
        ("auto", NAMED, {"terminal_host": "sandbox", "terminal_engine": NAMED}),
    ],
)
def test_command_line_is_above_own_settings(
    host: str, engine: str | None, expected: dict[str, str]
) -> None:
    """What the command line names is taken; what was only found gives way."""
    choice = choose_terminals(host, engine, lambda: FOUND)

    assert choice.over({"terminal_host": "sandbox", "terminal_engine": OWN}) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[", "settings.yaml can't be read"),
        ("- a", "settings.yaml must be a mapping"),
        ("terminal_capacity: one", "settings.yaml: terminal_capacity must be a whole"),
        ("terminal_capacty: 1", "settings.yaml has no key terminal_capacty"),
        ("call_actor: no way", "settings.yaml: call_actor must be true or false"),
        ("terminal_dir: /tmp", "settings.yaml: terminal_dir is chosen by `up` itself"),
        ("ipt_python: /bin/sh", "settings.yaml: ipt_python is chosen by `up` itself"),
    ],
)
def test_wrong_own_settings(tmp_path: Path, text: str, reason: str) -> None:
    """A wrong file is refused, and what is wrong in it is named."""
    (tmp_path / SETTINGS_FILE).write_text(text, "utf-8")

    with pytest.raises(ProfileError, match=reason):
        _settings(tmp_path, TerminalChoice())


def test_command_for_a_data_folder(tmp_path: Path) -> None:
    """What is to be typed names the data folder, unless it is the usual one."""
    usual, other = tmp_path / ".ipt-data", tmp_path / "my data"

    assert write_command(tmp_path, usual, "down") == "./build.sh down"
    assert write_command(tmp_path, other, "down") == f"./build.sh down --data '{other}'"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, []),
        ({"terminal_engine": OWN}, ["auto", OWN, "image"]),
        (
            {"terminal_host": "docker", "terminal_engine": OWN, "terminal_image": "a"},
            ["container", OWN, "a"],
        ),
        (
            {
                "terminal_host": "docker",
                "terminal_engine": OWN,
                "terminal_hosts": [{"name": "far"}],
            },
            ["auto", OWN, "image"],
        ),
        ({"terminal_host": "sandbox", "terminal_engine": OWN}, ["sandbox"]),
        ({"terminal_host": "process"}, ["sandbox"]),
    ],
)
def test_jobs_have_the_wall_of_terminals(
    settings: dict[str, Any], expected: list[str]
) -> None:
    """What runs terminals runs jobs, on the same engine and of the same image."""
    options = choose_jobs(settings, "image")

    assert options[1::2] == expected
    assert options[::2] == ["--jobs", "--job-engine", "--job-image"][: len(expected)]

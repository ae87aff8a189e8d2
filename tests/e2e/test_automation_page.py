"""What docs/automation.md tells scripts and actors to do, copied from there."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from agave_deploy.bundle.manifest import read_manifest

from .test_automation import ROOT, read_blocks, walk

pytestmark = [pytest.mark.needs("bubblewrap", "gcc"), pytest.mark.timeout(180)]

PAGE = "docs/automation.md"
COMMANDS = {
    "curl": ["bash", "-euo", "pipefail"],
    "agavepy": [sys.executable, "-"],
}
# How each way names the function that it asks.
CALLED = {
    "curl": r"(?:ask |/dev-)([a-z-]+)",
    "agavepy": r"(?:(?:ask|ask_alone|as_user)\(\s*\"|/dev-)([a-z-]+)",
    "actors": r"\"function\": \"([a-z-]+)\"",
}


def follow(folder: Path, stack: Any, user: str, way: str, more: str = "") -> list[str]:
    """Run a walk of the page, or another one behind its first two steps.

    It leaves nothing behind.  Return the lines that it printed.
    """
    code = read_blocks(f"{way} preparation", PAGE) + read_blocks(more or way, PAGE)
    printed = walk(COMMANDS[way], code, folder, stack, user)
    assert list((folder / "made").iterdir()) == []
    return printed.splitlines()


def test_every_function_with_curl(stack: Any, tmp_path: Path) -> None:
    """A member's script does everything, and is told why it may not do more."""
    lines = follow(tmp_path, stack, "ada", "curl")

    done = ["STOPPED", "automation/sum.c", "parallelized", "one job", "FINISHED"]
    assert [line for line in lines if line in done] == done
    assert "sum 14.392727" in lines
    assert lines[-9:] == [
        "{}",
        f"{stack.url}/authorize",
        *("200", "200"),
        "dev-files answered 200",
        *("unauthorized", "request_id"),
        *("a message of ours: False", "a message of ours: True"),
    ]


def test_administration_with_curl(stack: Any, tmp_path: Path) -> None:
    """An administrator's script looks at all terminals, and is on record for it."""
    lines = follow(tmp_path, stack, "admin", "curl", "curl administrator")

    assert lines[-4:] == ["ada", "5", "sync", "[]"]


def test_every_function_with_agavepy(stack: Any, tmp_path: Path) -> None:
    """Asynchronous messages do everything as well."""
    lines = follow(tmp_path, stack, "grace", "agavepy")

    assert lines[-2:] == ["1", f"{stack.url}/authorize"]
    assert [line for line in lines if line in {"STOPPED", "True", "FINISHED "}] == [
        *("STOPPED", "True", "FINISHED "),
    ]
    assert "sum 14.392727" in lines
    assert "bad_request {'field': 'stream'}" in lines


def test_administration_with_agavepy(stack: Any, tmp_path: Path) -> None:
    """An administrator's messages may be asynchronous, too."""
    lines = follow(tmp_path, stack, "admin", "agavepy", "agavepy administrator")

    assert lines[-3:] == ["grace", "sync", "[]"]


def test_actors_ask_functions_and_follow_each_other(stack: Any, tmp_path: Path) -> None:
    """An actor asks every function for its owner; one that is linked to it goes on."""
    lines = follow(tmp_path, stack, "admin", "curl", "actors")

    assert lines == ["FINISHED", str([200] * 7), "success", "success", "{}"]


@pytest.mark.parametrize("way", CALLED)
def test_every_function_has_an_example(way: str) -> None:
    """No function of the manifest is left out, in any of the ways."""
    code = read_blocks(way, PAGE)
    if way in COMMANDS:
        code += read_blocks(f"{way} administrator", PAGE)
    named = {function.name for function in read_manifest(ROOT).functions}

    assert named <= set(re.findall(CALLED[way], code))

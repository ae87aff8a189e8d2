"""The pages of the commands and the commands hold each other."""

from __future__ import annotations

import argparse
import importlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ipt.commands.exit_codes import ExitCode
from ipt.testing.commands import run_command

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).parents[4] / "docs" / "ipt"
PAGES = {
    "parallelize": ("README.md", "verify.md"),
    "analyze": ("analyze.md",),
    "verify": ("verify.md",),
}
OPTION = re.compile(r"`(--?[A-Za-z][\w-]*)")


def options_of(command: str) -> Iterator[str]:
    """Yield the options of a command."""
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(f"ipt.commands.{command}").configure(parser)
    for action in parser._actions:
        yield from action.option_strings


def page(name: str) -> str:
    """Return the text of a page."""
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", PAGES)
def test_every_option_is_in_a_table(command: str) -> None:
    """And the tables name no option that is not there."""
    rows = [
        line
        for name in PAGES[command]
        for line in page(name).splitlines()
        if line.startswith("| `-")
    ]
    listed = {option for row in rows for option in OPTION.findall(row.split("|")[1])}

    assert set(options_of(command)) - listed == set()
    known = {option for each in PAGES for option in options_of(each)}
    assert listed - known == set()


def test_every_exit_code_is_explained() -> None:
    """In the guide, and those of `verify` on its page too."""
    codes = re.findall(r"^\| (\d+) \|", page("README.md"), re.MULTILINE)
    verify = re.findall(r"^\| (\d+) \|", page("verify.md"), re.MULTILINE)

    assert [int(each) for each in codes] == [code.value for code in ExitCode]
    assert verify == ["0", "2", "3", "6", "7", "8"]


def test_every_value_of_the_json_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of loops and of reports."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.c").write_text(
        "double a[9000];\nint main(void) {\n"
        "for (int i = 1; i < 9000; i++)\na[i] = a[i - 1];\n}\n"
    )
    analysis = json.loads(run_command("analyze", "p.c", "--json").out)
    run_command("parallelize", "p.c", "--auto", "--report", "r.json")
    report = json.loads((tmp_path / "r.json").read_text())
    (loop,) = analysis["functions"][0]["loops"]
    text = page("analyze.md")
    expected = [*analysis, *loop, *loop["dependences"][0], *report]

    assert [
        each for each in expected if f'"{each}"' not in text if f"`{each}`" not in text
    ] == []

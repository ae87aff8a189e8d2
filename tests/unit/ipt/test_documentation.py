"""The guide and the code list hold each other."""

from __future__ import annotations

import re
from pathlib import Path

import ipt
from ipt.dialogue.texts import HELP
from ipt.findings import CODES, Finding, Severity
from ipt.source import Place

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "ipt" / "README.md").read_text(encoding="utf-8")
FINDINGS = (ROOT / "docs" / "ipt" / "findings.md").read_text(encoding="utf-8")
ENGINE = ROOT / "shared" / "ipt"


def test_every_code_has_an_anchor_and_every_anchor_a_code() -> None:
    """The guide has one heading for each finding code, with its title."""
    headings = re.findall(r"^### (IPT\d{3})\n\n\*(.*)\.\*$", FINDINGS, re.MULTILINE)

    assert dict(headings) == CODES


def test_every_code_is_used_and_no_other() -> None:
    """The engine emits exactly the listed codes."""
    used: set[str] = set()
    for path in ENGINE.rglob("*.py"):
        if path.name != "findings.py":
            used |= set(re.findall(r"IPT\d{3}", path.read_text(encoding="utf-8")))

    assert set(CODES) == used


def test_code_tells_the_severity() -> None:
    """The first digit of a code is its severity."""
    place = Place("a.c", 1, 1)
    found = [Finding(f"IPT{digit}01", "", place).severity for digit in "123"]

    assert found == [Severity.INFORMATION, Severity.DECISION, Severity.REFUSAL]


def test_guide_names_every_option_and_exit_code() -> None:
    """The guide documents what the command line has."""
    options = [
        "-o",
        "--answers",
        "--save-answers",
        "--yes",
        "--diff",
        "-I",
        "-D",
        "-std",
    ]

    assert [each for each in options if f"`{each}" not in GUIDE] == []
    for code in (0, 1, 2, 3, 4, 5, 70, 130):
        assert f"\n| {code} |" in GUIDE


def test_guide_names_every_kind_of_question() -> None:
    """Each explained question is in the table of ids."""
    missing = [each for each in HELP if f"{each}" not in GUIDE]

    assert missing == []


def test_public_names_are_the_documented_ones() -> None:
    """The package exports exactly what `__all__` says."""
    public = {name for name in vars(ipt) if not name.startswith("_")}

    assert set(ipt.__all__) <= public

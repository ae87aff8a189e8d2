"""The guide and the code list hold each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ipt
from ipt.dialogue.texts import HELP
from ipt.findings import CODES, Finding, Severity
from ipt.source import Place

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "ipt" / "README.md").read_text(encoding="utf-8")
FINDINGS = (ROOT / "docs" / "ipt" / "findings.md").read_text(encoding="utf-8")
ENGINE = ROOT / "shared" / "ipt"
SAMPLES = ENGINE / "samples"
PAGES = sorted((ROOT / "docs" / "ipt").rglob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
MOST_LINES = 60


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


def anchors(text: str) -> set[str]:
    """Return the anchors that the headings of a page have."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file that is there, and to a heading in it if one is named."""
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith("http"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_code_that_is_named_exists(page: Path) -> None:
    """No page speaks of a finding that ipt does not have."""
    named = set(re.findall(r"IPT\d{3}", page.read_text(encoding="utf-8")))

    assert named - set(CODES) == set()


def test_every_page_is_in_the_list() -> None:
    """The guide leads to all pages beside it."""
    beside = {each.name for each in PAGES if each.parent.name == "ipt"}

    assert [each for each in sorted(beside - {"README.md"}) if each not in GUIDE] == []


@pytest.mark.parametrize("name", ["README", "README.md"])
def test_every_sample_is_listed(name: str) -> None:
    """The lists in the folder of samples name its programs, and no others."""
    listed = set(re.findall(r"\b[\w]+\.c\b", (SAMPLES / name).read_text("utf-8")))
    made = {each for each in listed if each.endswith("_omp.c")}

    assert listed - made == {each.name for each in SAMPLES.glob("*.c")}


def test_samples_are_short_and_say_what_they_are() -> None:
    """A beginner reads one in a minute."""
    for sample in SAMPLES.glob("*.c"):
        text = sample.read_text(encoding="utf-8")
        has_main = "int main(" in text
        most = MOST_LINES if sample.name != "nbody.c" else 80
        assert text.startswith("/* ")
        assert text.count("\n") <= most, sample.name
        assert ("Usage: " + sample.stem in text) == has_main, sample.name

"""What the first IPT could do: each with what shows it, if no other test does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ipt.analysis import Analyzer
from ipt.dialogue import Session, dialogue
from ipt.dialogue.replay import replay_step
from ipt.errors import InternalError
from ipt.outcome import finish
from ipt.testing import program_of, verdicts_of
from ipt.transform import ParallelFor

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests"
PAGE = (ROOT / "docs" / "ipt" / "features.md").read_text(encoding="utf-8")
WANTED = [f"F{n:03d}" for n in (*range(1, 19), *range(101, 123))]
NEST = """
double a[900][900];
void f(void) {
  for (int i = 0; i < 900; i++)
    for (int j = 0; j < 900; j++)
      a[i][j] = 1;
}
"""


def rows() -> list[list[str]]:
    """Return the cells of all rows of the page's tables, headings left out."""
    lines = [each for each in PAGE.splitlines() if each.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", each)[1:-1] for each in lines]
    return [
        [cell.strip() for cell in row]
        for row in cells
        if row[-1].strip() != "shown by" and not row[0].startswith("|---")
    ]


def evidence() -> list[str]:
    """Return everything that the page names to show a feature."""
    return [name for row in rows() for name in re.findall(r"`([^`]+)`", row[-1])]


def test_every_feature_has_its_row() -> None:
    """In the order of their numbers, none twice, each with something that shows it."""
    found = [row for row in rows() if re.fullmatch(r"F\d{3}", row[0])]

    assert [row[0] for row in found] == WANTED
    assert [row[0] for row in found if "`" not in row[-1] or not row[2]] == []


@pytest.mark.parametrize("name", sorted(set(evidence())))
def test_what_shows_a_feature_is_there(name: str) -> None:
    """A folder or file, and the test if one is named."""
    path, _, test = name.partition("::")

    assert (TESTS / path).exists()
    if test:
        text = (TESTS / path).read_text(encoding="utf-8")
        assert f"\ndef {test}(" in text
    if path.startswith("engine/cases/"):
        files = {each.stem for each in (TESTS / path).iterdir()}
        assert "before" in files
        assert files & {"after", "refused"}


def session_of(text: str) -> Session:
    """Begin a dialogue."""
    program = program_of(text)
    analyzer = Analyzer(program)
    return Session(lambda: dialogue(program, analyzer))


def notes_until(session: Session, name: str) -> list[str]:
    """Take defaults up to a question and return the titles of all notes."""
    titles = []
    while session.question is not None:
        titles += [each.title for each in session.question.notes]
        if session.question.id == name:
            break
        replay_step(session, {}, defaults=True)
    return titles


def test_languages_are_told_at_the_start() -> None:
    """With the first question."""
    assert "ipt reads C and C++ programs." in notes_until(session_of(NEST), "model")


def test_one_entrance_is_told() -> None:
    """Before a function is chosen."""
    (note,) = (
        each
        for each in notes_until(session_of(NEST), "function")
        if "one entrance" in each
    )

    assert "no return, goto, break or exit()" in note


def test_nest_is_named() -> None:
    """With the number of loops inside."""
    titles = notes_until(session_of(NEST), "f.loop1")

    assert "1 more inside; the answer concerns the outermost" in titles[-1]


def test_result_is_compiled_before_it_is_written() -> None:
    """A directive that the compiler does not take never reaches a file."""
    program = program_of(NEST)
    (verdict, *_) = verdicts_of(program)
    wrong = replace(ParallelFor(verdict), condition="no_such_name > 3")

    with pytest.raises(InternalError, match=r"does not compile(.|\n)*no_such_name"):
        finish(program, [wrong])

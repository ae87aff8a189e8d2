"""What people see."""

from __future__ import annotations

import io
import time

import pytest

from ipt.dialogue import Choice, Question
from ipt.dialogue.console import Console
from ipt.findings import Finding
from ipt.outcome import Note
from ipt.source import Place


def shown(
    width: int = 60, height: int = 0, typed: str = "", *, colors: bool = False
) -> tuple[Console, io.StringIO]:
    """Return a console and what it writes to."""
    writer = io.StringIO()
    console = Console(
        io.StringIO(typed), writer, width=width, height=height, colors=colors
    )
    return console, writer


def finding(line: int, column: int, file: str = "a.c", code: str = "IPT301") -> Finding:
    """Return a finding at a place."""
    return Finding(code, "it is so.", Place(file, line, column), (), "Do that.")


def test_caret_stands_under_the_place() -> None:
    """The line of a finding is marked where it is about something."""
    console, writer = shown()
    excerpt = ((9, "\tfor (;;)"), (10, "\t\ta[i] = a[i - 1];"))
    console.note(Note("A loop", excerpt, (finding(10, 10),), "a.c"))

    lines = writer.getvalue().splitlines()
    caret = next(line for line in lines if "^" in line)
    code = next(line for line in lines if "a[i - 1]" in line)

    assert code.index("a[i - 1]") == caret.index("^")
    assert caret.endswith("^ IPT301")
    assert lines.index(caret) == lines.index(code) + 1


@pytest.mark.parametrize(
    "other",
    [finding(10, 3, "b.c"), finding(11, 3), finding(10, 3, code="IPT101")],
)
def test_no_caret_for_what_is_elsewhere_or_fine(other: Finding) -> None:
    """Another file, another line, or nothing to look at."""
    console, writer = shown()
    console.note(Note("A loop", ((10, "a[i] = 0;"),), (other,), "a.c"))

    assert "^" not in writer.getvalue()


def test_two_findings_of_a_place_share_a_caret() -> None:
    """The codes stand side by side."""
    console, writer = shown()
    both = (finding(1, 2), finding(1, 2, code="IPT302"))
    console.note(Note("A loop", ((1, "x = 1;"),), both, "a.c"))

    assert "^ IPT301 IPT302" in writer.getvalue()


def test_place_in_another_file_is_named() -> None:
    """A call may lead there."""
    console, writer = shown()
    console.note(Note("A loop", (), (finding(3, 1, "util.c"),), "a.c"))

    assert "! IPT301 util.c, line 3: it is so." in writer.getvalue()


@pytest.mark.parametrize("width", [40, 57, 80, 200])
def test_lines_fit_the_width(width: int) -> None:
    """Text is wrapped, source is cut, and carets beyond are left out."""
    console, writer = shown(width)
    note = Note(
        "A title " * 30, ((5, "x" * 300),), (finding(5, 250), finding(5, 2)), "a.c"
    )
    choices = (Choice("a", "A label " * 30), Choice("b", "B"))
    console.question(
        Question("q", "choice", "Why " * 40, "", "a", choices, "so " * 60, (note,))
    )
    console.explanation("word " * 90 + "\n\n    " + "code " * 90)

    assert max(map(len, writer.getvalue().splitlines())) <= min(width, 100)
    assert "…" in writer.getvalue()


def test_code_of_an_explanation_stays_as_it_is() -> None:
    """Other text is wrapped."""
    console, writer = shown(40)
    console.explanation("One two three four five six seven eight nine.\n\n    a  =  1;")

    assert "      a  =  1;\n" in writer.getvalue()
    assert "  One two three four five six seven\n" in writer.getvalue()


def test_long_listings_come_in_pages_on_a_terminal() -> None:
    """Enter goes on, q ends."""
    lines = tuple((number, f"line {number};") for number in range(1, 31))
    console, writer = shown(height=12, typed="\nq\n")
    console.listing(lines)

    assert writer.getvalue().count("Enter goes on") == 2
    assert "20 : line 20;" in writer.getvalue()
    assert "line 21;" not in writer.getvalue()


def test_pipe_gets_everything_at_once() -> None:
    """There is nobody to press Enter."""
    lines = tuple((number % 2 * number, "x;") for number in range(1, 61))
    console, writer = shown()
    console.listing(lines)

    assert len(writer.getvalue().splitlines()) == 60
    assert "Enter goes on" not in writer.getvalue()
    assert "   1 : x;" in writer.getvalue()
    assert "     : x;" in writer.getvalue()


def test_long_work_is_told_on_a_terminal() -> None:
    """After a while people learn that nothing hangs."""
    writer = io.StringIO()
    console = Console(io.StringIO(), writer, height=24, patience_s=0.01)
    with console.working("Analysing"):
        deadline = time.monotonic() + 5
        while "Analysing …" not in writer.getvalue():
            assert time.monotonic() < deadline
            time.sleep(0.005)


def test_short_work_is_not_told() -> None:
    """Nor is any in a pipe."""
    console, writer = shown(height=24)
    with console.working("Analysing"):
        pass
    piped, other = shown()
    with piped.working("Analysing"):
        pass

    assert writer.getvalue() + other.getvalue() == ""


def test_default_is_shown_as_it_is_typed() -> None:
    """A number for a choice, a letter for yes, a word for a third answer."""
    console, writer = shown()
    more = (Choice("details", "details: more"),)
    console.question(Question("q", "yes_no", "So?", "", "yes", more, "it is."))
    console.question(Question("q", "yes_no", "So?", "", "details", more, "it is."))
    console.question(Question("q", "choice", "So?", "", "details", more, "it is."))
    console.question(Question("q", "lines", "So?", "", "3-7", (), "it is."))

    text = writer.getvalue()
    assert [
        text.count(f"Default {each}: it is.") for each in ("y", "details", "1")
    ] == [1] * 3
    assert "Default 3-7: it is." in text
    assert "  -  details: more" in text


def test_colours_end_where_they_begin() -> None:
    """Each painted line is reset at its end."""
    console, writer = shown(colors=True)
    console.note(Note("A loop", ((1, "x;"),), (finding(1, 1),), "a.c"))

    for line in writer.getvalue().splitlines():
        assert line.count("\033[") % 2 == 0
        assert not line.startswith("\033[") or line.endswith("\033[0m")

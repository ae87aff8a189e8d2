"""A person, or a pipe, leads the dialogue."""

from __future__ import annotations

import io

import pytest

from ipt.analysis import Analyzer
from ipt.dialogue import Session, dialogue
from ipt.dialogue.console import Console, converse
from ipt.errors import DialogueInterrupted
from ipt.testing import program_of

PROGRAM = """int a[5000];
int printf(const char *, ...);
void f(void) {
  for (int i = 0; i < 5000; i++)
    a[i] = i;
  printf("%d", a[3]);
}
"""


def talk(typed: str, *, echoes: bool = True, **answers: str) -> tuple[Session, str]:
    """Lead a dialogue with what is typed and return it with what was shown."""
    program = program_of(PROGRAM)
    analyzer = Analyzer(program)
    session = Session(lambda: dialogue(program, analyzer))
    writer = io.StringIO()
    console = Console(io.StringIO(typed), writer, echoes=echoes)
    given = {key.replace("__", "."): value for key, value in answers.items()}
    converse(session, console, given)
    return session, writer.getvalue()


def test_enter_at_every_question_is_enough() -> None:
    """Five times here."""
    session, shown = talk("\n" * 5)

    assert session.outcome is not None
    assert shown.count("Answer [") == 5


def test_what_was_passed_over_is_told() -> None:
    """With the word that opens it."""
    _, shown = talk("\n" * 5)

    assert "Next come the loops of f (answer more to change that)" in shown


def test_more_opens_what_was_passed_over() -> None:
    """And says so when there is nothing."""
    session, shown = talk("more\n\n\nmore\n\n\n\n\n")

    assert "  Nothing was passed over.\n" in shown
    assert "What do you want to make in f?" in shown
    assert session.answers["f.make"] == "loops"


def test_listing_is_shown_on_request() -> None:
    """Where a line answer is wanted."""
    _, shown = talk(
        "list\n?\nnone\n",
        model="openmp",
        function="f",
        f__make="loops",
        f__loop1="y",
        f__loop1__schedule="1",
        timing="details",
    )

    assert "  4 :   for (int i = 0; i < 5000; i++)\n" in shown
    assert "    :     a[i] = i;" in shown or "  5 :     a[i] = i;" in shown
    assert "list shows the lines with their numbers." in shown


def test_list_is_no_answer_elsewhere() -> None:
    """Only a line answer has a listing."""
    _, shown = talk("list\n" + "\n" * 5)

    assert "'list' is not one of the choices" in shown


@pytest.mark.parametrize("answer", ["Y", "y", "yes", "YES"])
def test_yes_and_no_in_either_case(answer: str) -> None:
    """As the first IPT took them."""
    session, _ = talk(f"2\n1\n{answer}\n\nN\n")

    assert session.answers["f.loop1"] == "yes"
    assert session.answers["timing"] == "no"


def test_wrong_answers_are_asked_again() -> None:
    """As often as it takes, each with its reason."""
    _, shown = talk("2\n1\nmaybe\n7\n\ny\n9\n\n\n" + "\n" * 3)

    assert "'maybe' is neither yes nor no; answer y or n, or details." in shown
    assert "'7' is neither yes nor no" in shown


def test_third_answer_is_in_the_prompt() -> None:
    """So that people find it."""
    _, shown = talk("\n" * 5)

    assert "Answer [Y/n/details]: " in shown
    assert "Answer [y/N/details]: " in shown


def test_quit_keeps_the_answers() -> None:
    """They come with the interruption."""
    with pytest.raises(DialogueInterrupted) as caught:
        talk("2\n1\nquit\n")

    assert caught.value.answers == {"model": "openmp", "function": "f"}


def test_hint_is_for_people_only() -> None:
    """A pipe does not need it."""
    _, shown = talk("\n" * 5, echoes=False)
    _, piped = talk("\n" * 5)

    assert "more asks what was passed over" in shown
    assert "more asks" not in piped


def test_back_leaves_answers_given_ahead() -> None:
    """Otherwise one could not get past them."""
    session, _ = talk("back\n\nn\n\n\n\n", model="openmp", function="f")

    assert session.answers["f.loop1"] == "no"


def test_answers_are_echoed_to_a_pipe() -> None:
    """A transcript can be read."""
    _, shown = talk("openmp\n1\ny\nstatic\nn\n")

    assert "Answer [2]: openmp\n" in shown
    assert "Answer [Y/n/details]: y\n" in shown

"""Answering, going back, and what is passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipt.dialogue import BadAnswer, Choice, Question, Session
from ipt.dialogue.replay import replay_step
from ipt.outcome import Note, Unchanged

if TYPE_CHECKING:
    from collections.abc import Generator

    from ipt.outcome import Outcome


def number(name: str, *, is_optional: bool = False) -> Question:
    """Return a question for a number, 7 by default."""
    return Question(name, "number", "", "", "7", is_optional=is_optional)


def stages() -> Generator[Question, str, Outcome]:
    """Ask five questions, two of them optional, and tell the answers."""
    found = [
        (yield number("first")),
        (yield number("quiet", is_optional=True)),
        (yield number("second")),
        (yield number("calm", is_optional=True)),
        (yield number("last")),
    ]
    return Unchanged(" ".join(found))


@pytest.fixture(name="session")
def _session() -> Session:
    return Session(stages)


def open_id(session: Session) -> str:
    """Return the id of the open question."""
    assert session.question is not None
    return session.question.id


def finish(session: Session) -> str:
    """Answer 1 to the end and return all answers."""
    while session.question is not None:
        session.answer("1")
    assert isinstance(session.outcome, Unchanged)
    return session.outcome.reason


def test_optional_questions_get_their_default(session: Session) -> None:
    """Nobody is asked, and the answer is not kept."""
    assert finish(session) == "1 7 1 7 1"
    assert list(session.answers) == ["first", "second", "last"]


def test_questions_that_were_passed_over_are_known(session: Session) -> None:
    """They are those between the last answer and the open question."""
    assert session.passed_over == []
    session.answer("1")
    assert [each.id for each in session.passed_over] == ["quiet"]


def test_more_asks_what_was_passed_over(session: Session) -> None:
    """The last one first; what came behind it is asked again."""
    session.answer("1")
    session.answer("2")
    assert open_id(session) == "last"

    assert session.more()
    assert open_id(session) == "calm"
    assert session.more()
    assert open_id(session) == "quiet"
    assert not session.more()
    assert finish(session) == "1 1 1 1 1"


def test_back_passes_over_again(session: Session) -> None:
    """Only questions that somebody answered are gone back to."""
    session.answer("1")
    session.answer("2")

    assert session.back()
    assert open_id(session) == "second"
    assert session.back()
    assert open_id(session) == "first"
    assert not session.back()
    assert open_id(session) == "first"


def test_back_to_an_optional_question_that_was_answered(session: Session) -> None:
    """Once it was asked for, it is a question like others."""
    session.answer("1")
    session.more()
    session.answer("3")

    assert session.back()
    assert open_id(session) == "quiet"


def test_optional_question_is_asked_where_it_is_wanted(session: Session) -> None:
    """An answers file that names it is heard."""
    while replay_step(session, {"first": "1", "quiet": "2"}, defaults=True):
        pass

    assert isinstance(session.outcome, Unchanged)
    assert session.outcome.reason == "1 2 7 7 7"


def test_same_answers_lead_to_the_same_end(session: Session) -> None:
    """A replay of what was kept gives what it came from."""
    session.answer("1")
    session.more()
    session.answer("4")
    expected = finish(session)
    again = Session(stages)
    while replay_step(again, session.answers):
        pass

    assert isinstance(again.outcome, Unchanged)
    assert expected == again.outcome.reason


def test_check_keeps_the_question_open() -> None:
    """A value of the right form can still be wrong."""

    def refuse(value: str) -> None:
        raise BadAnswer(f"{value} is odd")

    question = Question("q", "number", "", "", "7", check=refuse)

    assert question.parse("") == "7"
    assert question.parse("7") == "7"
    with pytest.raises(BadAnswer, match="9 is odd"):
        question.parse("9")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("none", "none"), ("2", "b"), ("b,a", "b,a"), ("a b a", "a,b"), (",", "none")],
)
def test_names_are_a_list_of_choices(answer: str, expected: str) -> None:
    """By name or number, with commas or blanks."""
    choices = (Choice("a", "A"), Choice("b", "B"))

    assert expected == Question("q", "names", "", "", "", choices).parse(answer)


def test_name_that_is_no_choice_is_refused() -> None:
    """It is quoted."""
    question = Question("q", "names", "", "", "a", (Choice("a", "A"),))

    with pytest.raises(BadAnswer, match="'c' is not one of the choices"):
        question.parse("a,c")


@pytest.mark.parametrize("answer", ["details", "d", "DET"])
def test_third_answer_may_be_short(answer: str) -> None:
    """Beside yes and no there can be other words."""
    question = Question("q", "yes_no", "", "", "no", (Choice("details", ""),))

    assert question.parse(answer) == "details"
    with pytest.raises(BadAnswer, match="answer y or n, or details"):
        question.parse("x")


def test_text_has_a_limit() -> None:
    """No answer is endless."""
    question = Question("q", "text", "", "", "none")

    assert question.parse(" n > 5 ") == "n > 5"
    with pytest.raises(BadAnswer, match="at most 2000"):
        question.parse("x" * 2001)


def noted(name: str, *, is_optional: bool) -> Question:
    """Return a question that shows its own name."""
    return Question(
        name, "number", "", "", "7", notes=(Note(name),), is_optional=is_optional
    )


def noting() -> Generator[Question, str, Outcome]:
    """Show something with optional questions."""
    yield noted("quiet", is_optional=True)
    yield noted("first", is_optional=False)
    yield noted("calm", is_optional=True)
    return Unchanged("", (Note("end"),))


def test_what_optional_questions_show_is_not_lost() -> None:
    """It is shown with the next question, or at the end."""
    session = Session(noting)
    assert session.question is not None
    assert [each.title for each in session.question.notes] == ["quiet", "first"]
    session.answer("1")

    assert session.outcome is not None
    assert [each.title for each in session.outcome.notes] == ["calm", "end"]


def test_what_is_asked_for_shows_its_own() -> None:
    """And nothing is shown twice."""
    session = Session(noting)
    session.more()
    assert session.question is not None
    assert [each.title for each in session.question.notes] == ["quiet"]
    session.answer("1")

    assert session.question is not None
    assert [each.title for each in session.question.notes] == ["first"]

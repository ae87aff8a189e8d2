"""The questions: their order, their defaults, going back, coming out."""

from __future__ import annotations

import pytest

from ipt.analysis import Analyzer
from ipt.dialogue import (
    BadAnswer,
    Choice,
    Question,
    Session,
    dialogue,
)
from ipt.dialogue.replay import replay_step
from ipt.errors import AnswersError
from ipt.outcome import Parallelized, Unchanged
from ipt.testing import program_of

TWO_FUNCTIONS = """
void set(int n, int *a) {
  for (int i = 0; i < n; i++)
    a[i] = i;
}
void copy(int n, int *a, int *b) {
  for (int i = 1; i < n; i++)
    a[i] += a[i - 1];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      a[i * n + j] = b[i];
}
int none(void) { return 0; }
"""


def open_session(text: str, name: str = "test.c") -> Session:
    """Begin a dialogue about a program."""
    program = program_of(text, name)
    analyzer = Analyzer(program)
    return Session(lambda: dialogue(program, analyzer))


def asked(session: Session) -> Question:
    """Return the open question."""
    assert session.question is not None
    return session.question


def answer_all(session: Session, **answers: str) -> list[str]:
    """Answer to the end and return the ids of all questions."""
    ids = []
    while session.question is not None:
        ids.append(session.question.id)
        given = {key.replace("_", "."): value for key, value in answers.items()}
        replay_step(session, given, defaults=True)
    return ids


def test_questions_come_in_the_order_of_the_work() -> None:
    """Model, function, loops with their details, other functions, the rest."""
    ids = answer_all(open_session(TWO_FUNCTIONS), function="set")

    assert ids == [
        "model",
        "function",
        "set.loop1",
        "set.loop1.schedule",
        "another",
        "copy.loop2",
        "copy.loop2.distinct.a+b",
        "timing",
    ]


def test_what_nobody_vouched_for_is_not_asked_again() -> None:
    """A no is heard once; what asks for the same, or for more, says so."""
    session = open_session(TWO_FUNCTIONS)
    ids = answer_all(session, function="copy")

    assert [each for each in ids if "distinct" in each] == ["copy.loop2.distinct.a+b"]


def test_a_loop_that_is_left_alone_denies_nothing() -> None:
    """Who wants no threads for one loop is asked about the next one as usual."""
    session = open_session(TWO_FUNCTIONS)
    ids = answer_all(session, function="copy", copy_loop2="no")

    assert "copy.loop3.distinct.a+b" in ids


def test_model_that_is_not_there_yet_is_refused_and_asked_again() -> None:
    """MPI and CUDA say that they come later."""
    session = open_session(TWO_FUNCTIONS)

    for answer in ("1", "3", "cuda", "MPI"):
        with pytest.raises(BadAnswer, match="not available yet in this version"):
            session.answer(answer)

    assert asked(session).id == "model"
    session.answer("2")
    assert asked(session).id == "function"


def test_functions_are_listed_in_source_order() -> None:
    """A function without loops is listed and cannot be chosen."""
    session = open_session(TWO_FUNCTIONS)
    session.answer("")
    question = asked(session)

    assert [each.value for each in question.choices] == ["set", "copy", "none"]
    assert question.default == "copy"
    with pytest.raises(BadAnswer, match="none has no for-loops"):
        session.answer("3")


def test_refused_loops_are_shown_with_the_next_question() -> None:
    """A loop that must stay serial is no question; its reason is shown."""
    session = open_session(TWO_FUNCTIONS)
    session.answer("openmp")
    session.answer("copy")
    question = asked(session)

    assert question.id == "copy.loop2"
    assert question.notes[0].title == "Loop 1 of copy, line 7 stays serial as it is"
    assert [each.code for each in question.notes[0].findings] == ["IPT301"]
    assert "the answer concerns the outermost" in question.notes[1].title
    assert question.notes[1].excerpt[0] == (9, "  for (int i = 0; i < n; i++)")


def test_loops_inside_a_chosen_one_are_not_offered() -> None:
    """The outermost loop that runs in parallel is enough."""
    session = open_session(
        "int a[100][100];\nvoid f(void) {\nfor (int i = 0; i < 100; i++)\n"
        "for (int j = 0; j < 100; j++)\na[i][j] = 0;\n}"
    )

    ids = answer_all(session)

    assert "f.loop1" in ids
    assert "f.loop2" not in ids


def test_loops_inside_a_declined_one_are_offered() -> None:
    """With no, the next loop inside is asked about."""
    session = open_session(
        "int a[100][100];\nvoid f(void) {\nfor (int i = 0; i < 100; i++)\n"
        "for (int j = 0; j < 100; j++)\na[i][j] = 0;\n}"
    )

    ids = answer_all(session, f_loop1="n")

    assert "f.loop2" in ids


def test_declined_assumption_keeps_the_loop_serial() -> None:
    """Without the person's word nothing is changed."""
    session = open_session(TWO_FUNCTIONS)
    answer_all(session, function="copy", another="n")

    assert isinstance(session.outcome, Unchanged)
    assert "No loop was parallelized" in session.outcome.reason


def test_accepted_assumption_is_reported() -> None:
    """What was vouched for is in the report and in the text."""
    session = open_session(TWO_FUNCTIONS)
    for answer in ("", "copy", "y", "y", "static", "n", "n"):
        session.answer(answer)

    assert isinstance(session.outcome, Parallelized)
    (loop,) = session.outcome.changes
    assert loop.assumptions == ("the memory of a, b does not overlap",)
    assert b"not proved: the memory of a, b" in session.outcome.files[0].data
    assert "IPT109" in {each.code for each in loop.findings}


def test_program_without_loops_ends_at_once() -> None:
    """There is nothing to choose."""
    session = open_session("int main(void) { return 0; }")
    session.answer("")

    assert isinstance(session.outcome, Unchanged)
    assert "No function of this file has a for-loop" in session.outcome.reason


def test_program_without_functions_ends_at_once() -> None:
    """An empty file is no error."""
    session = open_session("int x;")
    session.answer("")

    assert isinstance(session.outcome, Unchanged)


def test_back_opens_the_question_before() -> None:
    """Answers before it stay, its own is forgotten."""
    session = open_session(TWO_FUNCTIONS)
    session.answer("2")
    session.answer("set")
    session.answer("n")

    assert session.back()
    assert asked(session).id == "set.loop1"
    assert session.answers == {"model": "openmp", "function": "set"}
    assert session.back()
    assert session.back()
    assert not session.back()
    assert asked(session).id == "model"


def test_back_from_the_end_opens_the_last_question() -> None:
    """A finished dialogue can still be changed."""
    session = open_session(TWO_FUNCTIONS)
    answer_all(session)
    last = list(session.answers)[-1]

    assert session.back()
    assert None is session.outcome
    assert last == asked(session).id


def test_answer_after_the_end_is_ignored() -> None:
    """There is nothing left to answer."""
    session = open_session("int x;")
    session.answer("")
    session.answer("y")

    assert session.answers == {"model": "openmp"}


@pytest.mark.parametrize(
    ("kind", "chunk", "clause"),
    [
        ("static", None, b"shared(n, a)\n"),
        ("dynamic", "0", b"schedule(dynamic)"),
        ("guided", "8", b"schedule(guided,8)"),
        ("runtime", None, b"schedule(runtime)"),
    ],
)
def test_schedule_becomes_a_clause(kind: str, chunk: str | None, clause: bytes) -> None:
    """Every schedule can be chosen; a size is asked where it has one."""
    session = open_session(TWO_FUNCTIONS)
    for answer in ("", "set", "y", kind):
        session.answer(answer)
    if chunk is not None:
        assert asked(session).id == "set.loop1.chunk"
        session.answer(chunk)
    session.answer("n")
    session.answer("n")

    assert isinstance(session.outcome, Parallelized)
    assert clause in session.outcome.files[0].data


def test_timing_that_has_no_room_is_reported() -> None:
    """The directive stays; a note tells why there is no timing."""
    session = open_session(
        "int a[5000];\nvoid f(void) {\nfor (int i = 0; i < 5000; i++)\n"
        "a[i] = 0; a[0] = 1;\n}"
    )
    answer_all(session, timing="y")

    assert isinstance(session.outcome, Parallelized)
    assert [each.title for each in session.outcome.notes] == ["No time is taken here"]
    assert b"omp_get_wtime" not in session.outcome.files[0].data


def test_overloads_are_told_apart() -> None:
    """Two functions of one name have different ids."""
    session = open_session(
        "int a[5000];\nvoid f() {\nfor (int i = 0; i < 5000; i++)\na[i] = 0;\n}\n"
        "void f(int n) {\nfor (int i = 0; i < n; i++)\na[i] = 0;\n}",
        "a.cc",
    )

    ids = answer_all(session)

    assert {"f.loop1", "f#2.loop1"} <= set(ids)


def test_third_function_is_asked_by_name() -> None:
    """With several functions left, the next one is chosen from a list."""
    text = "int a[5000];\n" + "".join(
        f"void f{n}(void) {{\nfor (int i = 0; i < 5000; i++)\na[i] = {n};\n}}\n"
        for n in range(3)
    )
    session = open_session(text)

    ids = answer_all(session)

    assert [each for each in ids if each.startswith(("function", "another"))] == [
        "function",
        "another",
        "function.2",
        "another.2",
    ]
    assert isinstance(session.outcome, Parallelized)
    assert len(session.outcome.changes) == 3


def test_long_loops_are_cut_in_the_excerpt() -> None:
    """Beginning and end of a long loop are shown."""
    body = "a[i] = 0;\n" * 60
    session = open_session(
        "int a[5000];\nvoid f(void) {\nfor (int i = 0; i < 5000; i++) {\n"
        f"{body}}}\n}}"
    )
    session.answer("")
    session.answer("")
    excerpt = asked(session).notes[-1].excerpt

    assert len(excerpt) == 25
    assert excerpt[-2] == (0, "… 38 more lines …")
    assert excerpt[-1] == (64, "}")


@pytest.mark.parametrize("answer", ["y", "Y", "yes", "YES ", "1", "true"])
def test_yes_may_be_written_in_many_ways(answer: str) -> None:
    """Case and blanks don't matter."""
    assert Question("q", "yes_no", "", "", "no").parse(answer) == "yes"


@pytest.mark.parametrize("answer", ["n", "No", "0", "false"])
def test_no_may_be_written_in_many_ways(answer: str) -> None:
    """Case doesn't matter."""
    assert Question("q", "yes_no", "", "", "yes").parse(answer) == "no"


@pytest.mark.parametrize(
    ("kind", "answer", "reason"),
    [
        ("yes_no", "maybe", "neither yes nor no"),
        ("number", "-1", "is not a number from 0"),
        ("number", "4x", "is not a number from 0"),
        ("number", "12345678", "is not a number from 0"),
        ("number", "٣", "is not a number from 0"),
        ("choice", "3", "is not one of the choices"),
        ("choice", "x" * 99, "answer with a number from 1 to 1"),
    ],
)
def test_bad_answer_tells_why(kind: str, answer: str, reason: str) -> None:
    """The reason is for the person who answered."""
    question = Question("q", kind, "", "", "a", (Choice("a", "A"),))

    with pytest.raises(BadAnswer, match=reason) as caught:
        question.parse(answer)

    assert len(caught.value.message) < 120


def test_empty_answer_is_the_default() -> None:
    """Enter takes what the analysis recommends."""
    assert Question("q", "number", "", "", "7").parse("  ") == "7"


def test_replay_stops_at_a_question_without_answer() -> None:
    """Without defaults only what was given is answered."""
    session = open_session(TWO_FUNCTIONS)

    assert replay_step(session, {"model": "2"})
    assert not replay_step(session, {"model": "2"})
    assert asked(session).id == "function"


def test_replay_names_the_answer_that_does_not_fit() -> None:
    """A file with a wrong answer is at fault, nothing is guessed."""
    session = open_session(TWO_FUNCTIONS)

    with pytest.raises(AnswersError, match="'model' cannot be used") as caught:
        replay_step(session, {"model": "fortran"})

    assert caught.value.question == "model"

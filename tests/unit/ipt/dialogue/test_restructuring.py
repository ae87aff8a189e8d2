"""Rewrites of loops: shown, asked, and then a program like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.outcome import Parallelized

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Talk

TWO_IN_ONE = """double a[50000], b[50000], c[50000];
void before(void) {
  for (int i = 0; i < 50000; i++)
    b[i] = i;
}
void f(void) {
  for (int i = 0; i < 50000; i++)
    a[i] = i;
  for (int i = 1; i < 50000; i++) {
    a[i] = a[i - 1] + b[i];
    c[i] = 2 * b[i];
  }
  for (int i = 0; i < 50000; i++)
    b[i] = 0;
}
"""


def test_rewrite_is_shown_and_asked(talk: Callable[[str], Talk]) -> None:
    """The lines before and after it, and what is proved."""
    question = talk(TWO_IN_ONE).until("f.loop2.restructure.distribution", function="f")

    before, after = question.notes[-2:]
    assert before.title == "The loop as it is"
    assert before.excerpt[0] == (9, "  for (int i = 1; i < 50000; i++) {")
    assert sum("for (int i" in text for _, text in after.excerpt) == 2
    assert question.default == "yes"
    assert question.why
    assert "ipt has proved" in question.help


def test_rewritten_loop_is_offered_like_any_other(talk: Callable[[str], Talk]) -> None:
    """What was answered before is not asked again; the rest keeps its choices."""
    dialogue = talk(TWO_IN_ONE)
    text = dialogue.finish(function="f", another="y")

    assert dialogue.ids[:6] == [
        "model",
        "function",
        "f.loop1",
        "f.loop1.schedule",
        "f.loop2.restructure.distribution",
        "f.loop3",
    ]
    assert text.count("#pragma omp parallel for") == 4
    assert "before.loop1" in dialogue.ids
    assert text.count("for (int i") == 5


def test_declined_rewrite_leaves_the_loop_as_it_is(talk: Callable[[str], Talk]) -> None:
    """The loops behind it are offered."""
    dialogue = talk(TWO_IN_ONE)
    text = dialogue.finish(function="f", f__loop2__restructure__distribution="n")

    assert "    a[i] = a[i - 1] + b[i];\n    c[i] = 2 * b[i];" in text
    assert "f.loop3" in dialogue.ids


def test_back_undoes_a_rewrite(talk: Callable[[str], Talk]) -> None:
    """The text is then again as it was."""
    dialogue = talk(TWO_IN_ONE)
    dialogue.until("f.loop3", function="f")
    assert dialogue.session.back()
    assert dialogue.question.id == "f.loop2.restructure.distribution"
    dialogue.session.answer("n")

    assert dialogue.question.id == "f.loop3"
    assert dialogue.question.notes[-1].excerpt[0][0] == 13


def test_report_names_the_lines_of_the_new_text(talk: Callable[[str], Talk]) -> None:
    """Its loops are where the directives are."""
    dialogue = talk(TWO_IN_ONE)
    dialogue.finish(function="f", another="n")
    outcome = dialogue.session.outcome

    assert isinstance(outcome, Parallelized)
    assert outcome.files[0].name == "test_omp.c"
    assert len(outcome.changes) == 3


def test_large_programs_are_not_searched_for_rewrites(
    talk: Callable[[str], Talk],
) -> None:
    """Every try reads the program again; the person is told."""
    dialogue = talk(TWO_IN_ONE + f"/* {'x' * 400_000} */\n")
    question = dialogue.until("f.loop3", function="f")

    assert "f.loop2.restructure.distribution" not in dialogue.ids
    assert any("program is large" in each.title for each in question.notes)

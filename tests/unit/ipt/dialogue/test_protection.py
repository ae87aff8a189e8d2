"""Lines that are run by one thread at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Talk

LIST = """int kept[5000];
int f(int n, int *a) {
  int next = 0;
  for (int i = 0; i < n; i++) {
    int b = a[i] * a[i];
    if (b > 10)
      kept[next++] = b;
  }
  return next;
}
"""
COUNT = """int seen, a[5000];
void f(int n) {
  for (int i = 0; i < n; i++) {
    a[i] = i;
    seen++;
  }
}
"""
PRINT = """int printf(const char *, ...);
double a[5000];
void f(void) {
  for (int i = 0; i < 5000; i++) {
    a[i] = 1.0 / (i + 1);
    printf("%g\\n", a[i]);
  }
}
"""
WHOLE = {"f__loop1__restructure__distribution": "n"}


def test_more_offers_to_protect_lines_of_a_refused_loop(
    talk: Callable[[str], Talk],
) -> None:
    """Most people do not need it; so it is asked only on request."""
    dialogue = talk(LIST)
    dialogue.until("f.loop1.protect")

    assert dialogue.question.is_optional
    assert dialogue.question.default == "no"
    dialogue.finish()
    assert "f.loop1.protect.kind" not in dialogue.ids


def test_lines_in_the_order_of_the_iterations(talk: Callable[[str], Talk]) -> None:
    """Ordered keeps what is printed as it was."""
    dialogue = talk(PRINT)
    text = dialogue.finish(
        **WHOLE,
        f__loop1__protect="y",
        f__loop1__protect__kind="ordered",
        f__loop1__protect__lines="6",
    )

    assert " ordered" in text.split("#pragma omp parallel for")[1].split("for (")[0]
    assert '    #pragma omp ordered\n    printf("%g' in text


def test_protection_that_is_not_enough_is_refused(talk: Callable[[str], Talk]) -> None:
    """The reason is shown, and the question stays open."""
    dialogue = talk(PRINT)
    dialogue.until(
        "f.loop1.protect.lines",
        **WHOLE,
        f__loop1__protect="y",
        f__loop1__protect__kind="2",
    )

    for lines, reason in (
        ("5", "IPT"),
        ("7", "does not begin a complete statement"),
        ("no", "neither a line nor a range"),
    ):
        dialogue.refuse(lines, reason)
    assert (6, '    printf("%g\\n", a[i]);') in dialogue.question.listing


def test_order_that_shows_needs_a_word(talk: Callable[[str], Talk]) -> None:
    """Critical does not keep the order of lines; a person must allow that."""
    dialogue = talk(PRINT)
    dialogue.until(
        "f.loop1.protect.lines",
        **WHOLE,
        f__loop1__protect="y",
        f__loop1__protect__kind="critical",
    )
    dialogue.session.answer("6")
    dialogue.session.answer("n")

    assert dialogue.question.id.startswith("f.loop1.order.")
    assert dialogue.question.default == "no"
    dialogue.session.answer("y")
    text = dialogue.finish()
    assert "#pragma omp critical" in text
    assert "/* ipt: taken as true, not proved: any order" in text


def test_without_that_word_the_loop_stays_serial(talk: Callable[[str], Talk]) -> None:
    """Nothing unproved is taken."""
    dialogue = talk(PRINT)
    text = dialogue.finish(
        **WHOLE,
        f__loop1__protect="y",
        f__loop1__protect__kind="critical",
        f__loop1__protect__lines="6",
    )

    assert text == ""


@pytest.mark.parametrize(
    ("answer", "directive"),
    [("y", "#pragma omp atomic update"), ("n", "#pragma omp critical")],
)
def test_atomic_is_suggested_in_place_of_critical(
    talk: Callable[[str], Talk], answer: str, directive: str
) -> None:
    """Where every line fits a form of it."""
    text = talk(COUNT).finish(
        f__loop1="details",
        f__loop1__protect="y",
        f__loop1__protect__kind="critical",
        f__loop1__protect__lines="5",
        f__loop1__protect__atomic=answer,
    )

    assert directive in text


def test_several_lines_can_be_protected(talk: Callable[[str], Talk]) -> None:
    """One after the other, each in its own way."""
    dialogue = talk(PRINT)
    dialogue.until(
        "f.loop1.protect.2",
        **WHOLE,
        f__loop1__protect="y",
        f__loop1__protect__kind="ordered",
        f__loop1__protect__lines="6",
    )

    assert dialogue.question.text == "Are there more such lines?"
    assert dialogue.question.why == "these are enough."

"""Every clause of a parallel loop: its question, its default, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Talk

SUM = """double a[5000], b[5000];
double f(int n, double c) {
  double s = 0;
  int count = 0;
  for (int i = 0; i < n; i++) {
    double t = a[i] * c;
    b[i] = t;
    s += t;
    count++;
  }
  return s + count;
}
"""
TEMPORARY = """double x[5000], y[5000];
void f(void) {
  double r[3];
  for (int i = 0; i < 5000; i++) {
    r[0] = x[i];
    r[1] = 2 * x[i];
    y[i] = r[0] + r[1];
  }
}
"""
HISTOGRAM = """int key[5000], hist[16];
void f(void) {
  for (int i = 0; i < 5000; i++)
    hist[key[i]]++;
}
"""
NEST = """double a[3][5000];
void f(void) {
  for (int k = 0; k < 3; k++)
    for (int i = 0; i < 5000; i++)
      a[k][i] = i;
}
"""


def test_enter_at_every_detail_makes_what_is_best(
    talk: Callable[[str], Talk],
) -> None:
    """A plain yes leaves out what the loop does not need."""
    nest = talk(NEST).finish(f__loop1="details")
    assert "#pragma omp parallel for default(none) shared(a) collapse(2)\n" in nest
    assert "collapse" not in talk(NEST).finish(f__loop1="y")

    condition = talk(SUM).until("f.loop1.condition", f__loop1="details").default
    assert condition.startswith("n > ")
    assert f"if({condition})" in talk(SUM).finish(f__loop1="details")
    assert " if(" not in talk(SUM).finish(f__loop1="y")

    for program in (TEMPORARY, HISTOGRAM):
        assert "#pragma omp parallel for" in talk(program).finish(f__loop1="details")


def test_number_of_loops_that_are_one(talk: Callable[[str], Talk]) -> None:
    """As many as stand right inside each other."""
    dialogue = talk(NEST)
    dialogue.until("f.loop1.collapse", f__loop1="details")
    for answer in ("0", "3"):
        dialogue.refuse(answer, "From 1 to 2 of these loops")
    dialogue.session.answer("1")
    text = dialogue.finish()

    assert "collapse" not in text
    assert "#pragma omp simd" in text


def test_inner_loops_need_no_vectors(talk: Callable[[str], Talk]) -> None:
    """Compilers find most of them."""
    text = talk(NEST).finish(
        f__loop1="details", f__loop1__collapse="1", f__loop1__simd="n"
    )

    assert "simd" not in text


def test_details_come_in_the_order_of_the_clauses(talk: Callable[[str], Talk]) -> None:
    """Who reads them learns what the directive says."""
    dialogue = talk(SUM)
    dialogue.finish(f__loop1="details")

    assert dialogue.ids == [
        "model",
        "function",
        "f.loop1",
        "f.loop1.rounding.s",
        "f.loop1.reductions",
        "f.loop1.protect",
        "f.loop1.array.b",
        "f.loop1.schedule",
        "f.loop1.chunk",
        "f.loop1.condition",
        "f.loop1.threads",
        "timing",
    ]


def test_reductions_are_what_was_found(talk: Callable[[str], Talk]) -> None:
    """All scalars are listed with their types; the accumulators are the default."""
    question = talk(SUM).until("f.loop1.reductions", f__loop1="details")

    assert question.default == "s,count"
    assert [each.label for each in question.choices] == [
        "c  (double)",
        "s  (double, operator +)",
        "count  (int, operator +)",
    ]


def test_variable_that_is_no_reduction_is_refused(talk: Callable[[str], Talk]) -> None:
    """The reason says what the loop does with it."""
    dialogue = talk(SUM)
    dialogue.until("f.loop1.reductions", f__loop1="details")

    dialogue.refuse("s,count,c", "c is no reduction: the loop does not change")


def test_reduction_that_is_left_out_becomes_atomic(talk: Callable[[str], Talk]) -> None:
    """It is updated by one thread at a time, which is right too."""
    text = talk(SUM).finish(f__loop1="details", f__loop1__reductions="s")

    assert "reduction(+: s)" in text
    assert "    #pragma omp atomic update\n    count++;" in text
    assert "shared(" in text
    assert "count" in text.split("shared(")[1].split(")")[0]


def test_reduction_that_cannot_be_left_out_is_refused(
    talk: Callable[[str], Talk],
) -> None:
    """Two iterations are named that would clash."""
    dialogue = talk(
        "int f(int n, int *a) {\nint m = 0;\nfor (int i = 0; i < n; i++)\n"
        "m = a[i] > m ? a[i] : m;\nreturn m;\n}\n"
    )
    dialogue.until("f.loop1.reductions", f__loop1="details")
    dialogue.refuse("none", "i = 1 changes what the iteration i = 0")


@pytest.mark.parametrize(
    ("answer", "clause"),
    [("private", "private(r)"), ("firstprivate", "firstprivate(r)")],
)
def test_temporary_array_may_be_copied(
    talk: Callable[[str], Talk], answer: str, clause: str
) -> None:
    """A copy of what stands in it before the loop is not needed, and right."""
    text = talk(TEMPORARY).finish(f__loop1="details", f__loop1__array__r=answer)

    assert f" {clause}" in text


def test_role_that_contradicts_the_proof_is_refused(
    talk: Callable[[str], Talk],
) -> None:
    """With the iterations that would go wrong."""
    dialogue = talk(TEMPORARY)
    dialogue.until("f.loop1.array.r", f__loop1="details")
    dialogue.refuse("shared", "i = 1 would overwrite what the iteration i =")
    dialogue.session.answer("")

    assert dialogue.question.id == "f.loop1.array.y"
    for answer in ("private", "3"):
        dialogue.refuse(answer, "i = 0 writes to y would be lost")


def test_elements_may_be_accumulated_in_two_ways(talk: Callable[[str], Talk]) -> None:
    """By copies of the array, or one element at a time."""
    copies = talk(HISTOGRAM).finish(
        f__loop1="details", f__loop1__update__hist="reduction"
    )
    single = talk(HISTOGRAM).finish(f__loop1="details", f__loop1__update__hist="atomic")

    assert "reduction(+: hist)" in copies
    assert "#pragma omp atomic update\n    hist[key[i]]++;" in single


@pytest.mark.parametrize(
    ("answer", "chunk", "clause"),
    [
        ("static", "4", "schedule(static,4)"),
        ("auto", None, "schedule(auto)"),
        ("runtime", None, "schedule(runtime)"),
        ("affinity", "0", "schedule(static) proc_bind(spread)"),
        ("affinity", "8", "schedule(static,8) proc_bind(spread)"),
        ("guided", "2", "schedule(guided,2)"),
    ],
)
def test_every_schedule_can_be_chosen(
    talk: Callable[[str], Talk], answer: str, chunk: str | None, clause: str
) -> None:
    """With portions where the kind has them."""
    dialogue = talk(SUM)
    given = {
        "f__loop1": "details",
        "f__loop1__schedule": answer,
        "f__loop1__condition": "none",
    }
    if chunk is not None:
        given["f__loop1__chunk"] = chunk

    text = dialogue.finish(**given)

    assert clause in text.replace(" \\\n     ", "")
    assert ("f.loop1.chunk" in dialogue.ids) == (chunk is not None)


def test_affinity_needs_no_details(talk: Callable[[str], Talk]) -> None:
    """It is there for a plain yes too, without a question for portions."""
    dialogue = talk(SUM)
    text = dialogue.finish(f__loop1__schedule="6")

    assert "proc_bind(spread)" in text
    assert "f.loop1.chunk" not in dialogue.ids


def test_condition_becomes_a_clause(talk: Callable[[str], Talk]) -> None:
    """It may use what is known in front of the loop."""
    text = talk(SUM).finish(f__loop1="details", f__loop1__condition="n > 100 && c != 0")

    assert "if(n > 100 && c != 0)" in text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("n++ > 3", "it calls and changes nothing"),
        ("n = 3", "it calls and changes nothing"),
        ("f(n, c)", "it calls and changes nothing"),
        ('n > 3); system("x"', "it calls and changes nothing"),
        ("nobody > 3", "The compiler refuses it: .*nobody"),
        ("n >", "The compiler refuses it"),
    ],
)
def test_condition_that_cannot_stand_there_is_refused(
    talk: Callable[[str], Talk], answer: str, reason: str
) -> None:
    """What has an effect, or what the compiler does not take."""
    dialogue = talk(SUM)
    dialogue.until("f.loop1.condition", f__loop1="details")

    dialogue.refuse(answer, reason)
    dialogue.session.answer("none")
    assert " if(" not in dialogue.finish().split("for (int i")[0]


def test_number_of_threads_becomes_a_clause(talk: Callable[[str], Talk]) -> None:
    """Within reason."""
    dialogue = talk(SUM)
    dialogue.until("f.loop1.threads", f__loop1="details")

    dialogue.refuse("5000", "At most 4096")
    dialogue.session.answer("4")
    assert "num_threads(4)" in dialogue.finish()


def test_every_explanation_can_be_read(talk: Callable[[str], Talk]) -> None:
    """No question of the details is without one, nor without a reason."""
    dialogue = talk(SUM)
    while dialogue.session.question is not None:
        assert len(dialogue.question.help) > 100
        assert (
            "\n" in dialogue.question.why
            or dialogue.question.why
            or (dialogue.question.kind in ("number", "lines"))
        )
        is_loop = dialogue.question.id == "f.loop1"
        dialogue.session.answer("details" if is_loop else "")


def test_back_leads_through_all_details(talk: Callable[[str], Talk]) -> None:
    """Each question can be left again, and comes back as it was."""
    dialogue = talk(SUM)
    dialogue.finish(f__loop1="details")
    ids = dialogue.ids

    for name in reversed(ids):
        assert dialogue.session.back()
        assert name == dialogue.question.id
    assert not dialogue.session.back()

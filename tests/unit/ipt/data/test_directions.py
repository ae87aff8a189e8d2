"""Dependences of loop nests, with directions."""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import pytest

from ipt.analysis import Analyzer
from ipt.analysis.directions import dependence_vectors
from ipt.testing import program_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.directions import DependenceVector


def vectors_of(text: str, number: int = 0) -> list[DependenceVector]:
    """Return the dependences of a loop of the last function."""
    program = program_of(f"\n{text}")
    analyzer = Analyzer(program)
    function = program.functions[-1]
    return dependence_vectors(analyzer, function, analyzer.loops(function)[number])


def short(vectors: list[DependenceVector]) -> set[tuple[str, str, str]]:
    """Return kind, directions and name."""
    return {(v.kind, "".join(v.directions), v.name) for v in vectors}


def test_stencil_has_two_directions() -> None:
    """A value of the row above and one to the left."""
    found = vectors_of(
        """void f(int n, double a[][100]) {
        for (int i = 1; i < n; i++)
          for (int j = 1; j < 99; j++)
            a[i][j] = a[i - 1][j + 1] + a[i][j - 1]; }"""
    )

    assert short(found) == {("flow", "<>", "a"), ("flow", "=<", "a")}
    assert {each.distances for each in found} == {(1, 1), (0, 1)}
    assert [each.carrier for each in found] == [
        each.loops[d] for d, each in enumerate(found)
    ]


def test_loop_that_counts_down_is_seen_in_its_order() -> None:
    """Earlier means earlier in time."""
    found = vectors_of(
        """void f(int n, double *a) {
        for (int i = n - 1; i > 0; i--) a[i] = a[i - 1]; }"""
    )

    assert short(found) == {("anti", "<", "a")}


def test_statements_are_named() -> None:
    """Source and sink are statements of the loop's own text."""
    found = vectors_of(
        """static double get(double *x, int k) { return x[k]; }
        void f(int n, double *restrict a, double *restrict b) {
        for (int i = 1; i < n; i++) {
          a[i] = i;
          if (b[i] > 0)
            b[i] = get(a, i - 1);
        } }"""
    )
    flow = next(each for each in found if each.name == "a")

    assert flow.source.span.text == "a[i] = i"
    assert flow.sink.span.text == "b[i] = get(a, i - 1)"
    assert (flow.kind, flow.directions, flow.distances) == ("flow", ("<",), (1,))
    assert any(
        each.source.span.text.startswith("if") and each.kind == "anti" for each in found
    )


def test_local_variable_stays_within_its_iteration() -> None:
    """Each iteration has its own; a scalar of outside has a removable dependence."""
    found = vectors_of(
        """void f(int n, double *restrict a) { double s;
        for (int i = 1; i < n; i++) {
          double t = a[i];
          s = t + 1;
          a[i] = s; } }"""
    )
    own = [each for each in found if each.name == "t"]
    outer = [each for each in found if each.name == "s"]

    assert {(each.kind, each.directions) for each in own} == {("flow", ("=",))}
    assert all(each.is_removable for each in outer if each.directions == ("<",))
    assert any(each.directions == ("=",) and not each.is_removable for each in outer)


def test_carried_scalar_is_not_removable() -> None:
    """A value flows along."""
    found = vectors_of(
        """double f(int n, double *restrict a) { double s = 0;
        for (int i = 1; i < n; i++) { a[i] = s; s = a[i] + 1; } return s; }"""
    )

    assert any(each.name == "s" and each.kind == "flow" for each in found)
    assert not any(each.is_removable for each in found if each.name == "s")


def test_accumulation_is_marked() -> None:
    """Only the order of additions is at stake."""
    found = vectors_of(
        """double f(int n, double a[][9]) { double s = 0;
        for (int i = 1; i < n; i++) for (int j = 0; j < 9; j++) s += a[i][j];
        return s; }"""
    )

    assert found
    assert all(each.is_accumulation for each in found)


def test_counter_that_is_read_after_its_loop_is_a_dependence() -> None:
    """Its own loop's reading of it is not."""
    found = vectors_of(
        """void f(int n, double *restrict a) { int j;
        for (int i = 1; i < n; i++) {
          for (j = 0; j < i; j++) a[j] += 1;
          a[i] = j; } }"""
    )
    about = [each for each in found if each.name == "j"]

    assert any(each.sink.span.text == "a[i] = j" for each in about)
    assert all(each.source.span.text != "a[j] += 1" for each in about)


def test_order_within_a_while_loop_is_open() -> None:
    """Both orders are listed."""
    found = vectors_of(
        """void f(int n, double *restrict a, double *restrict b) {
        for (int i = 1; i < n; i++)
          while (b[i] > 0) { a[i] = b[i]; b[i] = a[i] - 1; } }"""
    )

    assert {(e.kind, e.directions) for e in found if e.name == "a"} >= {
        ("flow", ("=",)),
        ("anti", ("=",)),
    }


UNKNOWN = {
    "pointers may be equal": (
        "b, a",
        """void f(int n, double *a, double *b) {
        for (int i = 1; i < n; i++) a[i] = b[i]; }""",
    ),
    "hidden state": (
        "",
        """int rand(void); void f(int n, int *a) {
        for (int i = 1; i < n; i++) a[i] = rand(); }""",
    ),
    "pointer that cannot be followed": (
        "",
        """void f(int n, double *a) { double *p = a;
        for (int i = 1; i < n; i++) { p = i % 2 ? a : p + 1; *p = 1; } }""",
    ),
    "row pointers that change": (
        "",
        """void f(int n, double **a) {
        for (int i = 1; i < n; i++) { a[i][0] = 1; a[i - 1] = a[i]; } }""",
    ),
    "loop that is not counted": (
        "",
        """void f(int n, double *a) {
        for (int i = 1; a[i] < n; i++) a[i] = 1; }""",
    ),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_what_is_not_known_is_unknown(case: str) -> None:
    """Nothing may be moved then."""
    name, text = UNKNOWN[case]
    found = vectors_of(text)

    assert any(
        each.kind == "unknown" and each.name == name and set(each.directions) == {"*"}
        for each in found
    )


def test_subscript_that_is_not_understood_has_every_direction() -> None:
    """The set of pairs is taken as too large, never as too small."""
    found = vectors_of(
        """void f(int n, const int *restrict k, double *restrict a) {
        for (int i = 0; i < n; i++) a[k[i]] = i; }"""
    )

    assert ("output", "<", "a") in short(found)


def test_row_length_that_is_not_proved_is_not_used() -> None:
    """What a person may vouch for is no proof."""
    found = vectors_of(
        """void f(int n, int m, double *a) {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < n; j++) a[i * m + j] = i; }"""
    )

    assert ("output", "<>", "a") in short(found)


class Access(NamedTuple):
    """One access of a generated statement: `a[x*i + y*j + c]`."""

    x: int
    y: int
    c: int

    def text(self) -> str:
        """Return it in C."""
        return f"a[{self.x} * i + {self.y} * j + {self.c}]"

    def at(self, i: int, j: int) -> int:
        """Return the element."""
        return self.x * i + self.y * j + self.c


def nest(seed: int) -> tuple[str, list[tuple[Access, Access]], int, bool]:
    """Return a generated nest: its text, its statements, its size, its shape."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    size = draw.randint(2, 4)
    triangular = draw.random() < 0.3

    def access() -> Access:
        return Access(draw.randint(-1, 2), draw.randint(-1, 2), draw.randint(0, 4) + 10)

    statements = [(access(), access()) for _ in range(draw.randint(1, 2))]
    body = " ".join(
        f"{left.text()} = {right.text()} + {number};"
        for number, (left, right) in enumerate(statements)
    )
    start = "i" if triangular else "0"
    text = (
        f"void f(int *a) {{ for (int i = 0; i < {size}; i++) "
        f"for (int j = {start}; j < {size}; j++) {{ {body} }} }}"
    )
    return text, statements, size, triangular


def sign(value: int) -> str:
    """Return the direction of a difference."""
    return "<" if value > 0 else ">" if value < 0 else "="


def oracle(seed: int) -> set[tuple[int, int, str, str]]:
    """Run the nest and return source, sink, kind and directions."""
    _, statements, size, triangular = nest(seed)
    events: list[tuple[int, int, int, bool, int]] = []
    for i, j in product(range(size), repeat=2):
        if triangular and j < i:
            continue
        for number, (left, right) in enumerate(statements):
            events.append((i, j, number, False, right.at(i, j)))
            events.append((i, j, number, True, left.at(i, j)))
    return set(_pairs(events))


def _pairs(
    events: list[tuple[int, int, int, bool, int]],
) -> Iterator[tuple[int, int, str, str]]:
    for position, (i, j, source, writes, place) in enumerate(events):
        for i2, j2, sink, also_writes, other in events[position + 1 :]:
            if place != other or not (writes or also_writes):
                continue
            directions = sign(i2 - i) + sign(j2 - j)
            if source == sink and directions == "==":
                continue
            kind = "output" if also_writes else "flow"
            yield source, sink, kind if writes else "anti", directions


@pytest.mark.parametrize("seed", range(60))
def test_vectors_are_those_of_running_the_nest(seed: int) -> None:
    """Exactly those: none too few, and with constant bounds none too many."""
    text, statements, _, _ = nest(seed)
    found = vectors_of(text)
    number = {
        f"{left.text()} = {right.text()} + {n}": n
        for n, (left, right) in enumerate(statements)
    }
    got = {
        (
            number[each.source.span.text],
            number[each.sink.span.text],
            each.kind,
            "".join(each.directions),
        )
        for each in found
    }

    assert got == oracle(seed), text

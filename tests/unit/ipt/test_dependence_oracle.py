"""The verdicts of isl against running the loop and looking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ipt.analysis import Status
from ipt.testing import program_of, verdicts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFSET = 60
SIZE = 200


@dataclass(frozen=True)
class Affine:
    """`i_factor * i + j_factor * j + constant`."""

    i_factor: int
    j_factor: int
    constant: int

    def value(self, i: int, j: int) -> int:
        """Return the value for two counters."""
        return self.i_factor * i + self.j_factor * j + self.constant

    @property
    def text(self) -> str:
        """The expression in C."""
        return f"{self.i_factor} * i + {self.j_factor} * j + {self.constant}"


@dataclass(frozen=True)
class Guard:
    """`left op 0`, or `left % modulus == 0`."""

    left: Affine
    op: str
    modulus: int = 0

    def holds(self, i: int, j: int) -> bool:
        """Evaluate the guard as C does."""
        value = self.left.value(i, j)
        if self.modulus:
            return value % self.modulus == 0
        checks = {"<": value < 0, ">=": value >= 0, "==": value == 0, "!=": value != 0}
        return checks[self.op]

    @property
    def text(self) -> str:
        """The guard in C."""
        if self.modulus:
            return f"({self.left.text}) % {self.modulus} == 0"
        return f"({self.left.text}) {self.op} 0"


@dataclass(frozen=True)
class Nest:
    """A nest of two loops with one assignment under an optional guard."""

    header: str
    outer: range
    inner_low: Affine
    inner_count: int
    guard: Guard | None
    target: Affine
    source: Affine
    divisor: int

    @property
    def text(self) -> str:
        """The program in C."""
        guard = f"if ({self.guard.text}) " if self.guard else ""
        low = f"{self.inner_low.i_factor} * i + {self.inner_low.constant}"
        return f"""
double a[{SIZE}];
void f(void) {{
  int i, j;
  {self.header}
    for (j = {low}; j < {low} + {self.inner_count}; j++)
      {guard}a[({self.target.text}) / {self.divisor} + {OFFSET}]
        = 1 + a[{self.source.text} + {OFFSET}];
}}
"""

    def accesses(self) -> Iterator[tuple[int, int, bool]]:
        """Yield iteration, element and whether it is written."""
        for i in self.outer:
            low = self.inner_low.value(i, 0)
            for j in range(low, low + self.inner_count):
                if self.guard is None or self.guard.holds(i, j):
                    yield i, int(self.target.value(i, j) / self.divisor), True
                    yield i, self.source.value(i, j), False

    @property
    def has_conflict(self) -> bool:
        """Whether two iterations of the outer loop meet."""
        writers: dict[int, set[int]] = {}
        users: dict[int, set[int]] = {}
        for iteration, element, is_write in self.accesses():
            users.setdefault(element, set()).add(iteration)
            if is_write:
                writers.setdefault(element, set()).add(iteration)
        return any(len(users[element]) > 1 for element in writers)


small = st.integers(-2, 2)
affine = st.builds(Affine, small, small, st.integers(-4, 4))
guards = st.none() | st.builds(
    Guard,
    affine,
    st.sampled_from(["<", ">=", "==", "!="]),
    st.sampled_from([0, 0, 2, 3]),
)


@st.composite
def headers(draw: st.DrawFn) -> tuple[str, range]:
    """Return a loop header and the iterations that it makes."""
    low, count = draw(st.integers(-3, 3)), draw(st.integers(0, 5))
    step = draw(st.sampled_from([1, 2, 3]))
    form = draw(st.sampled_from(["<", "<=", "!=", ">", ">="]))
    if form == "<":
        high = low + count * step
        return f"for (i = {low}; i < {high}; i += {step})", range(low, high, step)
    if form == "<=":
        high = low + count
        text = f"for (i = {low}; {high} >= i; i = i + {step})"
        return text, range(low, high + 1, step)
    if form == "!=":
        return f"for (i = {low}; i != {low + count}; ++i)", range(low, low + count)
    if form == ">":
        text = f"for (i = {low + count}; i > {low}; i -= {step})"
        return text, range(low + count, low, -step)
    text = f"for (i = {low + count}; i >= {low}; i--)"
    return text, range(low + count, low - 1, -1)


@st.composite
def nests(draw: st.DrawFn) -> Nest:
    """Return a random nest."""
    header, outer = draw(headers())
    return Nest(
        header,
        outer,
        draw(st.builds(Affine, st.integers(-1, 1), st.just(0), st.integers(-2, 2))),
        draw(st.integers(0, 4)),
        draw(guards),
        draw(affine),
        draw(affine),
        draw(st.sampled_from([1, 1, 1, 2, 3])),
    )


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(nests())
def test_verdict_is_what_running_the_loop_shows(nest: Nest) -> None:
    """A loop of known size is parallel exactly if no two iterations meet."""
    verdict = verdicts_of(program_of(nest.text))[0]

    expected = Status.REFUSED if nest.has_conflict else Status.PARALLEL

    assert expected == verdict.status, nest.text


@dataclass(frozen=True)
class FlatNest:
    """A nest over a flat table with `n` columns, whose size is not known."""

    rows: tuple[int, int]
    columns: tuple[int, int]
    target: tuple[int, int]
    source: tuple[int, int]
    counter: str

    @property
    def text(self) -> str:
        """The program in C."""

        def at(shift: tuple[int, int]) -> str:
            return f"a[(i + {shift[0]}) * n + j + {shift[1]}]"

        return f"""
void f({self.counter} n, double *restrict a) {{
  for ({self.counter} i = {self.rows[0]}; i < n - {self.rows[1]}; i++)
    for ({self.counter} j = {self.columns[0]}; j < n - {self.columns[1]}; j++)
      {at(self.target)} = {at(self.source)};
}}
"""

    def has_conflict(self, n: int) -> bool:
        """Whether two iterations of the outer loop meet for one size."""
        writers: dict[int, set[int]] = {}
        users: dict[int, set[int]] = {}
        for i in range(self.rows[0], n - self.rows[1]):
            for j in range(self.columns[0], n - self.columns[1]):
                written = (i + self.target[0]) * n + j + self.target[1]
                read = (i + self.source[0]) * n + j + self.source[1]
                users.setdefault(written, set()).add(i)
                users.setdefault(read, set()).add(i)
                writers.setdefault(written, set()).add(i)
        return any(len(users[element]) > 1 for element in writers)


shifts = st.tuples(st.integers(-1, 1), st.integers(-1, 1))
edges = st.tuples(st.integers(0, 1), st.integers(0, 1))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.builds(FlatNest, edges, edges, shifts, shifts, st.sampled_from(["int", "long"]))
)
def test_flat_table_is_parallel_only_if_no_size_has_a_conflict(nest: FlatNest) -> None:
    """For an unknown size, `parallel` means that no size shows a conflict."""
    verdict = verdicts_of(program_of(nest.text))[0]

    if verdict.status is Status.PARALLEL:
        assert not any(nest.has_conflict(n) for n in range(9)), nest.text


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.builds(
        FlatNest,
        edges,
        st.just((1, 1)),
        shifts,
        shifts,
        st.sampled_from(["int", "long"]),
    )
)
def test_flat_table_inside_its_edges_is_decided_exactly(nest: FlatNest) -> None:
    """With an edge of one column all small stencils are decided, not asked."""
    assume(nest.target[1] in (-1, 0, 1))
    verdict = verdicts_of(program_of(nest.text))[0]

    expected = any(nest.has_conflict(n) for n in range(9))

    assert expected == (verdict.status is Status.REFUSED), nest.text


@pytest.mark.parametrize("ctype", ["unsigned", "unsigned char", "unsigned short"])
def test_unsigned_wrap_around_is_seen(ctype: str) -> None:
    """An index that wraps around in its type meets elements that it passed."""
    bits = {"unsigned": 32, "unsigned char": 8, "unsigned short": 16}[ctype]
    program = program_of(f"""
        void f(double *restrict a, long n) {{
          for (long i = 0; i < {(1 << bits) + 1}; i++) a[({ctype})i] = i;
        }}
        void g(double *restrict a, long n) {{
          for (long i = 0; i < {1 << bits}; i++) a[({ctype})i] = i;
        }}""")

    first, second = verdicts_of(program)

    assert first.status == Status.REFUSED
    assert second.status == Status.PARALLEL

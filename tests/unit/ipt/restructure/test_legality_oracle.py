"""Which loops may be cut or swapped, against trying all pairs of iterations."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipt.analysis import Analyzer
from ipt.errors import TransformRefused
from ipt.restructure.distribution import legal_cuts
from ipt.restructure.interchange import interchange_of
from ipt.restructure.ordering import Ordering
from ipt.restructure.study import study_loop
from ipt.testing import program_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.restructure.study import Study

quick = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@dataclass(frozen=True)
class Element:
    """`array[i_factor * i + j_factor * j + shift]`."""

    array: str
    i_factor: int
    j_factor: int
    shift: int

    def place(self, i: int, j: int = 0) -> tuple[str, int]:
        """Return array and index for two counters."""
        return self.array, self.i_factor * i + self.j_factor * j + self.shift

    def text(self, *, nested: bool) -> str:
        """The element in C."""
        inner = f" + {self.j_factor} * j" if nested else ""
        return f"{self.array}[{self.i_factor} * i{inner} + {self.shift + 60}]"


@dataclass(frozen=True)
class Copy:
    """`target = source`, and whether it is guarded by `i > limit`."""

    target: Element
    source: Element
    limit: int | None = None

    def touches(self, i: int, j: int = 0) -> Iterator[tuple[tuple[str, int], bool]]:
        """Yield element and whether it is written."""
        if self.limit is None or i > self.limit:
            yield self.target.place(i, j), True
            yield self.source.place(i, j), False

    def text(self, *, nested: bool = False) -> str:
        """The statement in C."""
        guard = "" if self.limit is None else f"if (i > {self.limit}) "
        sides = self.target.text(nested=nested), self.source.text(nested=nested)
        return f"{guard}{sides[0]} = {sides[1]};"


elements = st.builds(
    Element,
    st.sampled_from("ab"),
    st.integers(-1, 2),
    st.integers(-1, 1),
    st.integers(-2, 2),
)
copies = st.builds(Copy, elements, elements, st.none() | st.integers(0, 4))
ways = st.sampled_from(["up", "down"])


def header_of(name: str, way: str, count: int) -> tuple[str, list[int]]:
    """Return the header of a loop and the values of its counter in order."""
    turns = list(range(count))
    if way == "up":
        return f"int {name} = 0; {name} < {count}; {name}++", turns
    return f"int {name} = {count - 1}; {name} >= 0; {name}--", turns[::-1]


def study_of(text: str) -> tuple[Study, Ordering]:
    """Return what is known of the first loop of a program."""
    program = program_of(text)
    analyzer = Analyzer(program)
    function = program.functions[-1]
    study = study_loop(analyzer, function, analyzer.loops(function)[0])
    assert study is not None
    return study, Ordering(analyzer, study)


def meets(
    one: Copy, first: tuple[int, ...], other: Copy, second: tuple[int, ...]
) -> bool:
    """Tell whether two statements touch one element, one of them writing."""
    return any(
        place == place2 and (is_write or is_write2)
        for place, is_write in one.touches(*first)
        for place2, is_write2 in other.touches(*second)
    )


@quick
@given(st.lists(copies, min_size=2, max_size=3), ways)
def test_loop_is_cut_exactly_where_no_dependence_leads_back(
    body: list[Copy], way: str
) -> None:
    """A cut is legal if nothing behind it runs earlier than what needs it in front."""
    header, turns = header_of("i", way, 6)
    lines = "\n".join(each.text() for each in body)
    text = f"int a[200], b[200];\nvoid f(void) {{\nfor ({header}) {{\n{lines}\n}}\n}}"

    expected = tuple(
        cut
        for cut in range(1, len(body))
        if not any(
            meets(back, (turns[one],), front, (turns[other],))
            for one, other in product(range(6), repeat=2)
            if one < other
            for back in body[cut:]
            for front in body[:cut]
        )
    )
    found = legal_cuts(*study_of(text))

    assert expected == (() if found is None else found.cuts), text


@quick
@given(st.lists(copies, min_size=1, max_size=2), ways, ways)
def test_loops_are_swapped_exactly_where_no_dependence_turns(
    body: list[Copy], way: str, inner_way: str
) -> None:
    """Two loops may be swapped if no dependence has the direction (<, >)."""
    outer_header, turns = header_of("i", way, 5)
    inner_header, inner = header_of("j", inner_way, 5)
    lines = "\n".join(each.text(nested=True) for each in body)
    text = (
        f"int a[200], b[200];\nvoid f(void) {{\nfor ({outer_header})\n"
        f"for ({inner_header}) {{\n{lines}\n}}\n}}"
    )

    is_turned = any(
        meets(one, (turns[i], inner[j]), other, (turns[i2], inner[j2]))
        for i, i2 in product(range(5), repeat=2)
        if i < i2
        for j, j2 in product(range(5), repeat=2)
        if j > j2
        for one in body
        for other in body
    )

    assert is_turned != _can_swap(text), text


def _can_swap(text: str) -> bool:
    swap = interchange_of(*study_of(text))
    assert swap is not None
    try:
        swap.validate()
    except TransformRefused:
        return False
    return True

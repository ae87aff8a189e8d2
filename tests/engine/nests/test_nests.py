"""The verdicts on random nests, against running them and looking."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipt.analysis import Analyzer, AssumptionKind, LoopVerdict, Status
from ipt.testing import program_of
from ipt.testing.nests import Nest, Roles, make_nest, observe, roles_of
from ipt.testing.nests.model import Assign, If, Loop, SetIndex, Statement
from ipt.testing.nests.references import Affine, Guard, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.testing.nests import LoopObservation

# Three loops in each other have too many iterations for the larger sizes.
SIZES = {1: (0, 1, 2, 3, 4, 5, 7, 9, 12), 2: (0, 1, 2, 3, 4, 5, 7, 9), 3: range(7)}
LARGER = (11, 13)
SAMPLE = range(250)
LEAST_RECALL = 0.9
N, AT_I = (("n", 1),), Affine((("i", 1),))
PARALLEL = (Status.PARALLEL, Status.REDUCTION)


def is_accepted(verdict: LoopVerdict) -> bool:
    """Tell whether a loop is called parallel without a question."""
    return verdict.status in PARALLEL and all(
        each.kind is AssumptionKind.ROUNDING for each in verdict.decisions
    )


def compared(nest: Nest) -> Iterator[tuple[int, LoopVerdict, LoopObservation]]:
    """Yield number and verdict of each loop that ran, and what was seen of it."""
    program = program_of(nest.text)
    analyzer = Analyzer(program)
    function = program.functions[-1]
    seen = observe(nest, SIZES[nest.depth])
    for number, loop in enumerate(analyzer.loops(function)):
        if number in seen:
            yield number, analyzer.analyze(function, loop), seen[number]


@given(st.integers(0, 2**32))
def test_nothing_is_called_parallel_that_meets_in_memory(seed: int) -> None:
    """A loop that is called parallel has a right role for every variable."""
    nest = make_nest(Random(seed))  # noqa: S311 - examples, not secrets

    for _, verdict, seen in compared(nest):
        if is_accepted(verdict):
            assert not seen.wrong(roles_of(verdict)), (seed, nest.text)


def test_most_affine_loops_without_conflict_are_found() -> None:
    """Nearly all loops in which nothing meets are proved parallel."""
    found = [
        is_accepted(verdict)
        for seed in SAMPLE
        for nest in [make_nest(Random(seed))]  # noqa: S311 - examples, not secrets
        if nest.is_affine
        for number, verdict, seen in compared(nest)
        if seen.is_parallel
        # Some loops meet only for larger sizes.
        and (is_accepted(verdict) or observe(nest, LARGER)[number].is_parallel)
    ]

    assert len(found) > 100
    assert sum(found) >= LEAST_RECALL * len(found)


def nest_of(*body: Statement, result: tuple[str, ...] = ()) -> Nest:
    """Return a nest of one loop over 0 to n."""
    loop = Loop(0, "i", Affine(), "<", Affine(N), 1, declares=True, body=body)
    return Nest(loop, result, is_affine=True)


A, A_BEFORE = Ref("a", (AT_I,)), Ref("a", (AT_I.shifted(-1),))
S, T, W = Ref("s"), Ref("t"), Ref("w", (Affine(),))
ZERO = Ref("a", (Affine(),))
FIRST = Guard(AT_I, "==")
NONE = Roles()


@pytest.mark.parametrize(
    ("nest", "roles", "wrong"),
    [
        (nest_of(Assign(A, ())), NONE, ""),
        (nest_of(Assign(A, (A_BEFORE,))), NONE, "a"),
        (nest_of(Assign(W, ()), Assign(A, (W,))), NONE, "w"),
        (nest_of(Assign(W, ()), Assign(A, (W,))), Roles(private=frozenset("w")), ""),
        (nest_of(Assign(S, (), "+")), NONE, "s"),
        (nest_of(Assign(S, (), "+")), Roles(reductions=frozenset({("s", "+")})), ""),
        (nest_of(Assign(S, (S,))), Roles(reductions=frozenset({("s", "+")})), ""),
        (nest_of(Assign(S, (), "+")), Roles(reductions=frozenset({("s", "*")})), "s"),
        (
            nest_of(Assign(S, (), "+"), Assign(A, (S,))),
            Roles(reductions=frozenset({("s", "+")})),
            "s",
        ),
        (
            nest_of(Assign(ZERO, (), "+")),
            Roles(atomic=frozenset({("a", "+")})),
            "",
        ),
        (
            nest_of(Assign(ZERO, (), "+"), Assign(ZERO, ())),
            Roles(atomic=frozenset({("a", "+")})),
            "a",
        ),
        (nest_of(Assign(T, ()), Assign(A, (T,))), Roles(private=frozenset("t")), ""),
        (nest_of(Assign(A, (T,)), Assign(T, ())), Roles(private=frozenset("t")), "t"),
        (
            nest_of(Assign(T, ()), result=("t",)),
            Roles(private=frozenset("t")),
            "t",
        ),
        (nest_of(Assign(T, ()), result=("t",)), Roles(lastprivate=frozenset("t")), ""),
        (
            nest_of(If(FIRST, (Assign(T, ()),)), result=("t",)),
            Roles(lastprivate=frozenset("t")),
            "t",
        ),
        (nest_of(Assign(A, (T,))), Roles(firstprivate=frozenset("t")), ""),
        (
            nest_of(If(FIRST, (Assign(T, ()),)), Assign(A, (T,))),
            Roles(firstprivate=frozenset("t")),
            "t",
        ),
        (
            nest_of(
                SetIndex("m0", AT_I), Assign(Ref("a", (Affine((("m0", 1),)),)), ())
            ),
            Roles(private=frozenset({"m0"})),
            "",
        ),
    ],
)
def test_role_is_right_if_running_shows_nothing_against_it(
    nest: Nest, roles: Roles, wrong: str
) -> None:
    """What each role promises is what the runs are looked at for."""
    assert wrong == observe(nest, (0, 1, 4))[0].wrong(roles)


@pytest.mark.parametrize(
    ("nest", "is_parallel", "needs_array_roles"),
    [
        (nest_of(Assign(A, ())), True, False),
        (nest_of(Assign(S, (), "max"), result=("s",)), True, False),
        (nest_of(Assign(T, ()), Assign(A, (T,))), True, False),
        (nest_of(Assign(A, (A_BEFORE,))), False, False),
        (nest_of(Assign(W, ()), Assign(A, (W,))), False, True),
        (nest_of(Assign(ZERO, (), "+")), False, True),
        # With n = 0 the last iteration, whose value would be kept, is missing.
        (nest_of(Assign(T, ()), result=("t",)), False, False),
    ],
)
def test_loop_is_parallel_if_everything_has_a_right_role(
    nest: Nest, *, is_parallel: bool, needs_array_roles: bool
) -> None:
    """The oracle tells which loops an exact analysis would find."""
    seen = observe(nest, (0, 1, 4))[0]

    assert is_parallel == seen.is_parallel
    assert needs_array_roles == seen.needs_array_roles


def test_loops_that_count_down_run_as_in_c() -> None:
    """Counting down by steps gives the values that C gives."""
    loop = Loop(0, "i", Affine(N), ">=", Affine((), 1), -2, declares=False, body=())

    expected = [5, 3, 1]
    assert expected == list(loop.values({"n": 5}))
    assert "for (i = n; i >= 1; i -= 2) {" in next(loop.lines(""))


def test_flat_subscripts_are_one_address() -> None:
    """`c[x * n + y]` is the same place for all x and y with the same sum."""
    left = Ref("c", (AT_I, Affine(N)), is_flat=True)
    right = Ref("c", (AT_I.shifted(1), Affine()), is_flat=True)

    assert left.cell({"n": 4, "i": 2}) == right.cell({"n": 4, "i": 2})
    assert left.text == "c[(i) * n + n]"

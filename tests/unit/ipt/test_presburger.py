"""Questions to isl."""

from __future__ import annotations

import pytest

from ipt.analysis.polynomials import Comparison, Polynomial, compare, negate
from ipt.analysis.presburger import PointSet, Solver, TooComplex
from ipt.testing import first_verdict

COUNTER, BOUND = Polynomial.symbol("i"), Polynomial.symbol("n")
ZERO, TWO = Polynomial.constant(0), Polynomial.constant(2)
BELOW = (compare(COUNTER, ">=", ZERO), compare(COUNTER, "<", BOUND))


def test_empty_means_for_all_parameters() -> None:
    """A set is empty only if no value of a parameter puts a point in it."""
    solver = Solver()

    assert not solver.is_empty(PointSet(("i",), BELOW))
    assert solver.is_empty(PointSet(("i",), (*BELOW, compare(BOUND, "<=", ZERO))))


def test_opposite_of_a_condition() -> None:
    """A condition and its opposite exclude each other."""
    solver = Solver()
    for op in ("<", "<=", ">", ">=", "==", "!="):
        condition = compare(COUNTER, op, BOUND)
        both = PointSet(("i",), (condition, negate(condition)))
        assert solver.is_empty(both)


def test_products_are_left_out() -> None:
    """What isl cannot hold makes the set larger, never smaller."""
    impossible = Comparison(
        COUNTER * BOUND * Polynomial.constant(0) + COUNTER * BOUND - COUNTER * BOUND,
        "!=",
    )
    product = compare(COUNTER * BOUND, "<", ZERO)

    assert Solver().is_empty(PointSet(("i",), (impossible,)))
    assert not Solver().is_empty(PointSet(("i",), (*BELOW, product)))


def test_sample_is_small_where_it_can_be() -> None:
    """Examples for people have small numbers."""
    values = Solver().sample(
        PointSet(("i",), (*BELOW, compare(COUNTER, ">=", TWO))), ["i", "n"]
    )

    assert (values["i"], values["n"]) == (2, 3)


def test_sample_is_large_where_it_must_be() -> None:
    """A set without small points still has an example."""
    far = compare(COUNTER, ">=", Polynomial.constant(1000))

    assert Solver().sample(PointSet(("i",), (far,)), ["i"])["i"] >= 1000


def test_constant_coordinate_is_found() -> None:
    """A coordinate that equals the same number in all points."""
    fixed = PointSet(("i",), (compare(COUNTER + COUNTER, "==", TWO + TWO),))

    assert Solver().constant(fixed, "i") == 2
    assert None is Solver().constant(PointSet(("i",), BELOW), "i")


def test_budget_ends_a_hard_question() -> None:
    """Isl gives up; nothing is guessed."""
    with pytest.raises(TooComplex):
        Solver(operations=1).is_empty(PointSet(("i",), BELOW))


def test_polynomials_add_up() -> None:
    """Terms are collected and zero is left out."""
    square = (COUNTER + BOUND) * (COUNTER - BOUND)

    assert square == COUNTER * COUNTER - BOUND * BOUND
    assert (COUNTER - COUNTER).value == 0
    assert None is COUNTER.value
    assert not square.is_affine
    assert frozenset({"i", "n"}) == square.symbols


@pytest.mark.timeout(60)
def test_large_factors_do_not_keep_isl_busy_for_ever() -> None:
    """The loop counts as too large to analyse."""
    verdict = first_verdict("""double a[99];
        void f(int n) {
        for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
        for (int k = 0; k < n; k++)
         a[i*1000000007+j*998244353+k*123456789-n*3]=a[k*1000003+j*7919+i*31];}""")

    assert "IPT318" in {each.code for each in verdict.refusals}

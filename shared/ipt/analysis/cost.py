"""What a loop costs against what it costs to start threads.

The unit is an operation: about one addition of numbers that are in registers,
a third of a nanosecond on the computers of today.  `docs/ipt/cost-model.md`
explains the figures; they need to be right within a factor of three only.

    addition, comparison, logic         1
    division, remainder                10
    element of an array, `*p`, `p->m`   2
    mathematical function              20
    other call                         10, and what its body costs
    inner loop                          2 and its body, for each iteration
    start of a team                 5,000 (one or two microseconds)
    fetching a portion                300
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, constant_value, counted_loop
from ipt.analysis.conversions import folded
from ipt.model import (
    Assign,
    Binary,
    Call,
    Conditional,
    DoWhile,
    For,
    If,
    Increment,
    Member,
    Node,
    Subscript,
    Unary,
    VarRef,
    While,
    children_of,
    strip_casts,
    text_of,
)

if TYPE_CHECKING:
    from ipt.model import Program

__all__ = ["FETCH", "START", "Cost", "cost_of", "enough_iterations", "trip_count"]

START = 5_000
FETCH = 300
_DIVISION = 10
_MEMORY = 2
_LIBRARY = 20
_CALL = 10
_TURN = 2
# Of a loop whose bound is not known: enough to be worth it with others.
_ASSUMED_TRIPS = 100
_MOST_DEPTH = 6
_LEAST_ITERATIONS = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """The operations of some text.

    Attributes:
        is_known: Whether no inner loop has an unknown number of iterations.
    """

    operations: int
    is_known: bool = True

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.operations + other.operations, self.is_known and other.is_known
        )


def cost_of(node: Node, program: Program, depth: int = 0) -> Cost:
    """Return what it costs to run some text once.

    Args:
        node: The text.
        program: The program, whose functions are followed.
        depth: How many calls have been followed already.
    """
    if isinstance(node, For | While | DoWhile):
        return _loop(node, program, depth)
    if isinstance(node, If | Conditional):
        parts = [node.then] if node.otherwise is None else [node.then, node.otherwise]
        branches = [cost_of(each, program, depth) for each in parts]
        dearest = max(branches, key=lambda each: each.operations)
        is_known = all(each.is_known for each in branches)
        test = cost_of(node.condition, program, depth)
        return test + Cost(dearest.operations + 1, is_known)
    total = Cost(_own(node))
    for child in children_of(node):
        total += cost_of(child, program, depth)
    if isinstance(node, Call):
        total += _called(node, program, depth)
    return total


def _own(node: Node) -> int:
    match node:
        case Binary(op="/" | "%") | Assign(op="/=" | "%="):
            return _DIVISION
        case Binary() | Increment():
            return 1
        case Assign():
            return 0 if node.op == "=" else 1
        case Subscript() | Unary(op="*") | Member(arrow=True):
            return _MEMORY
        case _:
            return 0


def _called(node: Call, program: Program, depth: int) -> Cost:
    function = program.by_key.get(node.key)
    if function is None:
        return Cost(_LIBRARY)
    if depth >= _MOST_DEPTH:
        # Most often a function that calls itself, and has much to do.
        return Cost(START, is_known=False)
    return Cost(_CALL) + cost_of(function.body, program, depth + 1)


def _loop(node: For | While | DoWhile, program: Program, depth: int) -> Cost:
    body = cost_of(node.body, program, depth)
    counted = counted_loop(node) if isinstance(node, For) else None
    trips = trip_count(counted) if isinstance(counted, CountedLoop) else None
    number = _ASSUMED_TRIPS if trips is None else trips
    is_known = trips is not None and body.is_known
    return Cost((body.operations + _TURN) * number, is_known)


def trip_count(counted: CountedLoop) -> int | None:
    """Return how many iterations a loop has, None if that is not constant."""
    lower, bound = _constant(counted, is_bound=False), _constant(counted, is_bound=True)
    if lower is None or bound is None or counted.step is None:
        return None
    extra = 1 if counted.op in ("<=", ">=") else 0
    distance = lower - bound if counted.is_downward else bound - lower
    return max(0, -(-(distance + extra) // abs(counted.step)))


def _constant(counted: CountedLoop, *, is_bound: bool) -> int | None:
    node = counted.bound if is_bound else counted.lower
    value = constant_value(node)
    return folded(strip_casts(node)) if value is None else value


def enough_iterations(counted: CountedLoop, cost: Cost) -> str:
    """Return the test that a loop is long enough, as text for an `if` clause.

    Returns:
        The test, empty if the bound is no plain variable, or what an
        iteration costs is not known.
    """
    bound = strip_casts(counted.bound)
    lower = constant_value(counted.lower)
    is_plain = isinstance(bound, VarRef) and text_of(bound) == bound.variable.name
    if not is_plain or not cost.is_known or lower is None:
        return ""
    if counted.is_downward or counted.step is None or counted.op == "!=":
        return ""
    trips = max(_LEAST_ITERATIONS, START // max(1, cost.operations + _TURN))
    return f"{text_of(bound)} > {_rounded(trips * counted.step + lower)}"


def _rounded(value: int) -> int:
    """Return a number with one digit that is not 0: it is an estimate."""
    scale = 1
    while value >= 10 * scale:
        scale *= 10
    return value // scale * scale

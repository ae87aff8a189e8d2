"""What the loops inside a parallel loop can gain: `collapse`, and `simd`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.cost import trip_count
from ipt.analysis.verdict import Status, VectorLoop
from ipt.model import (
    Assign,
    Binary,
    Block,
    Call,
    Declarator,
    DoWhile,
    Expression,
    For,
    If,
    Jump,
    Kind,
    Member,
    Subscript,
    Switch,
    Unary,
    VarRef,
    While,
    for_loops,
    in_macro,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.assumptions import Assumption
    from ipt.analysis.verdict import LoopVerdict
    from ipt.analysis.writes import Writes
    from ipt.model import Program, Variable

__all__ = ["collapsible_loops", "vector_loops"]

_FREE = (Status.PARALLEL, Status.REDUCTION)
# With fewer iterations, not every thread of a usual computer has some.
_FEW = 32
_LEAST_VECTOR = 8
_VECTOR_CALLS = frozenset(
    name + suffix
    for name in ("fabs", "sqrt", "fmin", "fmax", "fma")
    for suffix in ("", "f")
)


def collapsible_loops(
    analyzer: Analyzer,
    verdict: LoopVerdict,
    writes: Writes,
    accepted: Sequence[Assumption],
) -> int:
    """Return how many nested loops may run as one, and gain from it.

    They are nested directly, none of their headers uses anything that changes
    in the nest, and the iterations of all of them are independent (OpenMP 5.2,
    section 4.4.3).  It pays where the outer loop has few iterations.

    Args:
        analyzer: Of the program.
        verdict: On the outermost loop.
        writes: What that loop changes.
        accepted: What a person vouches for.
    """
    loop, depth = verdict.loop, 1
    counted = counted_loop(loop)
    if verdict.linear or not isinstance(counted, CountedLoop):
        return 1
    trips = trip_count(counted)
    while trips is not None and trips < _FEW:
        inner = _only_loop(loop)
        counted = counted_loop(loop if inner is None else inner)
        if inner is None or not isinstance(counted, CountedLoop):
            break
        if in_macro(inner) or not _is_steady(counted, writes):
            break
        within = analyzer.analyze(verdict.function, inner, accepted)
        if within.status not in _FREE or within.decisions or within.linear:
            break
        counter = counted.counter
        is_kept = counter.name in (*verdict.lastprivate, *within.lastprivate)
        if is_kept or counter.is_shared_storage:
            break
        loop, depth = inner, depth + 1
        more = trip_count(counted)
        trips = None if more is None else trips * more
    return depth


def _only_loop(loop: For) -> For | None:
    """Return the loop that is the whole body of another one."""
    body = loop.body
    while isinstance(body, Block) and len(body.body) == 1:
        body = body.body[0]
    return body if isinstance(body, For) else None


def _is_steady(counted: CountedLoop, writes: Writes) -> bool:
    """Tell whether a header uses only what stays the same in the whole nest."""
    for part in (counted.lower, counted.bound, counted.step_value):
        for node in () if part is None else walk(part):
            if isinstance(node, Call | Subscript | Member | Unary | Assign):
                return False
            if isinstance(node, VarRef) and node.variable.key in writes.varying:
                return False
    return True


def vector_loops(
    analyzer: Analyzer, verdict: LoopVerdict, accepted: Sequence[Assumption]
) -> tuple[VectorLoop, ...]:
    """Return the innermost loops that gain from vector instructions.

    Their iterations are proved to be independent; their bodies are straight,
    and go through arrays element by element.

    Args:
        analyzer: Of the program.
        verdict: On the loop around them.
        accepted: What a person vouches for.
    """
    found = []
    for inner in for_loops(verdict.loop.body):
        counted = counted_loop(inner)
        if not isinstance(counted, CountedLoop) or not _is_straight(
            counted, analyzer.program
        ):
            continue
        within = analyzer.analyze(verdict.function, inner, accepted)
        is_plain = not (within.updates or within.linear or within.firstprivate)
        if within.status in _FREE and is_plain and not within.decisions:
            found.append(VectorLoop(inner, _clauses(within, counted.counter)))
    return tuple(found)


def _clauses(verdict: LoopVerdict, counter: Variable) -> tuple[str, ...]:
    lists = (
        ("private", [n for n in verdict.private if n != counter.name]),
        ("lastprivate", [n for n in verdict.lastprivate if n != counter.name]),
    )
    found = [f"{clause}({', '.join(names)})" for clause, names in lists if names]
    found += [f"reduction({each.op}: {each.name})" for each in verdict.reductions]
    return tuple(found)


def _is_straight(counted: CountedLoop, program: Program) -> bool:
    loop = counted.loop
    trips = trip_count(counted)
    is_long = trips is None or trips >= _LEAST_VECTOR
    if not is_long or counted.step != 1 or in_macro(loop):
        return False
    has_elements = False
    for node in walk(loop.body):
        match node:
            case For() | While() | DoWhile() | If() | Switch() | Jump():
                return False
            case Call() if node.name not in _VECTOR_CALLS or node.key in program.by_key:
                return False
            case Declarator() if node.variable.ctype.kind is Kind.ARRAY:
                return False
            case Subscript() if node.ctype.kind is not Kind.ARRAY:
                if not _is_next(node.index, counted.counter):
                    return False
                has_elements = True
            case _:
                pass
    return has_elements


def _is_next(index: Expression, counter: Variable) -> bool:
    """Tell whether a subscript stays, or moves by one element each time."""
    bare = strip_casts(index)
    names = [n for n in walk(bare) if isinstance(n, VarRef) and n.variable == counter]
    while names:
        if isinstance(bare, VarRef):
            return True
        if not isinstance(bare, Binary) or bare.op not in ("+", "-") or len(names) > 1:
            return False
        is_left = any(each is names[0] for each in walk(bare.left))
        if bare.op == "-" and not is_left:
            return False
        bare = strip_casts(bare.left if is_left else bare.right)
    return True

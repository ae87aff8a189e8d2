"""What is known of values that do not change during a loop."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.lowering import Lowering, Symbols
from ipt.analysis.polynomials import Comparison, Polynomial, compare, negate
from ipt.analysis.writes import Writes, find_writes
from ipt.model import (
    Assign,
    Binary,
    Block,
    Case,
    Declaration,
    Declarator,
    Evaluate,
    For,
    If,
    Jump,
    Kind,
    Label,
    Scope,
    Switch,
    Variable,
    VarRef,
    children_of,
    parents_of,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis.polynomials import Condition
    from ipt.model import Expression, Function, Node, Program, Statement

_WIDE = 32

__all__ = ["branch_facts", "guard_facts", "parameter_facts"]


def parameter_facts(
    function: Function, names: Symbols, program: Program
) -> list[Condition]:
    """Return what the initialisers of unchanging local variables say.

    `int m = n - 1;` holds for good if neither is ever assigned again.
    """
    writes = find_writes(function.body, program)
    found: list[Condition] = []
    for node in walk(function.body):
        if not isinstance(node, Declarator) or node.init is None:
            continue
        if not _is_fixed(node.variable, writes, program, times=1):
            continue
        lowering = Lowering(
            lambda variable: _fixed_value(variable, names, writes, program), names
        )
        value = lowering.value(node.init)
        if value is None or lowering.symbols:
            continue
        symbol = Polynomial.symbol(names.parameter(node.variable))
        found.append(Comparison(symbol - value, "="))
    return found


def guard_facts(
    function: Function, place: Node, names: Symbols, program: Program
) -> list[Condition]:
    """Return what the conditions and loops around a place say.

    In `if (m >= n) for (...)`, `m >= n` holds in the loop if the branch
    assigns neither.
    """
    path: list[Node] = [*parents_of(function.body, place), place]
    found: list[Condition] = []
    for parent, child in pairwise(path):
        if not isinstance(parent, Block) and _is_entered(child):
            # Control may get there with no test.
            continue
        if isinstance(parent, If) and child is not parent.condition:
            is_then = child is parent.then
            writes = _tested_writes(parent.condition, child, program)
            for part in _parts(parent.condition, is_true=is_then):
                known = _held(part, writes, names, program)
                if known is not None:
                    found.append(known if is_then else negate(known))
        elif isinstance(parent, For) and child is parent.body:
            found += _in_loop(parent, names, program)
        elif isinstance(parent, Block):
            found += _before(parent, child, names, program)
    return found


def branch_facts(
    node: If, names: Symbols, program: Program, *, is_true: bool
) -> list[Condition]:
    """Return what the condition of a branch says at the moment it is tested.

    Args:
        node: The branch.
        names: The symbols to use.
        program: The program.
        is_true: Whether the condition holds, or does not.
    """
    writes = find_writes(node.condition, program)
    held = [
        _held(part, writes, names, program)
        for part in _parts(node.condition, is_true=is_true)
    ]
    return [each if is_true else negate(each) for each in held if each is not None]


def _before(
    block: Block, child: Node, names: Symbols, program: Program
) -> list[Condition]:
    """Return what the statements before another one in its block leave behind.

    `if (n < 1) return;` leaves `n >= 1`, and `m = n - 1;` says what `m` is, as long
    as nothing behind it changes what they name.
    """
    end = next(n for n, each in enumerate(block.body) if each is child)
    found: list[Condition] = []
    writes, behind = find_writes(child, program), child
    for each in reversed(block.body[:end]):
        if _is_entered(behind):
            break
        if isinstance(each, If) and each.otherwise is None and _leaves(each.then):
            tested = _joined(writes, find_writes(each.condition, program))
            for part in _parts(each.condition, is_true=False):
                known = _held(part, tested, names, program)
                if known is not None:
                    found.append(negate(known))
        for variable, value in _settings(each):
            known = _assigned(variable, value, writes, names, program)
            if known is not None:
                found.append(known)
        writes, behind = _joined(writes, find_writes(each, program)), each
    return found


def _settings(node: Statement) -> list[tuple[Variable, Expression]]:
    """Return the variable that a statement sets, and its value."""
    if isinstance(node, Declaration) and node.declarators:
        # One declarator may use the one before it.
        last = node.declarators[-1]
        return [] if last.init is None else [(last.variable, last.init)]
    if isinstance(node, Evaluate) and isinstance(node.expression, Assign):
        target = strip_casts(node.expression.target)
        if isinstance(target, VarRef) and node.expression.op == "=":
            return [(target.variable, node.expression.value)]
    return []


def _assigned(
    variable: Variable,
    value: Expression,
    writes: Writes,
    names: Symbols,
    program: Program,
) -> Condition | None:
    """Return that a variable has the value that it was given."""
    lowering = _lowering(writes, names, program)
    target = lowering.look_up(variable)
    if target is None or _names(value, variable):
        return None
    found = lowering.value(value)
    if found is None or lowering.symbols:
        return None
    return Comparison(target - found, "=")


def _joined(one: Writes, other: Writes) -> Writes:
    joined = Writes(one.counts + other.counts)
    joined.declared = one.declared | other.declared
    return joined


def _tested_writes(condition: Expression, guarded: Node, program: Program) -> Writes:
    """Return what a statement changes, and the condition in front of it."""
    writes = find_writes(guarded, program)
    writes.counts.update(find_writes(condition, program).counts)
    return writes


def _is_entered(node: Node) -> bool:
    """Tell whether a jump or a `switch` around may lead into a statement."""
    return any(isinstance(n, Label) for n in walk(node)) or _has_case(node)


def _has_case(node: Node) -> bool:
    if isinstance(node, Case | Switch):
        return isinstance(node, Case)
    return any(_has_case(each) for each in children_of(node))


def _leaves(node: Statement) -> bool:
    """Tell whether control never gets behind a statement."""
    if isinstance(node, Block):
        return bool(node.body) and _leaves(node.body[-1])
    return isinstance(node, Jump) and node.kind in ("return", "continue", "break")


def _parts(node: Expression, *, is_true: bool) -> list[Expression]:
    """Return conditions that all hold if one does, or all fail if it does."""
    bare = strip_casts(node)
    op = "&&" if is_true else "||"
    if isinstance(bare, Binary) and bare.op == op:
        return _parts(bare.left, is_true=is_true) + _parts(bare.right, is_true=is_true)
    return [bare]


def _in_loop(loop: For, names: Symbols, program: Program) -> list[Condition]:
    """Return that the counter of a loop around is within its bounds."""
    counted = counted_loop(loop)
    if not isinstance(counted, CountedLoop):
        return []
    writes = find_writes(loop.body, program)
    counter = counted.counter
    found = []
    test = _held(counted.test, writes, names, program)
    if test is not None:
        found.append(test)
    own = counter.ctype
    is_wide = own.is_signed and own.bits >= _WIDE
    if not is_wide or _names(counted.lower, counter):
        # It may start again at the other end of its type.
        return found
    # The first value holds for good if nothing in the whole loop changes it.
    every = find_writes(loop, program)
    every.counts.pop(counter.key, None)
    lower = _lowering(every, names, program, also=counter)
    first = lower.value(counted.lower)
    is_own = lower.look_up(counter)
    if first is not None and is_own is not None and not lower.symbols:
        found.append(compare(is_own, "<=" if counted.is_downward else ">=", first))
        if counted.step is not None and abs(counted.step) > 1:
            turns = Polynomial.symbol(names.fresh("turns"))
            steps = turns * Polynomial.constant(abs(counted.step))
            found.append(compare(is_own - first, "==", steps))
    return found


def _names(node: Node, variable: Variable) -> bool:
    return any(isinstance(n, VarRef) and n.variable == variable for n in walk(node))


def _held(
    node: Expression, writes: Writes, names: Symbols, program: Program
) -> Condition | None:
    lowering = _lowering(writes, names, program)
    found = lowering.condition(node)
    return None if lowering.symbols else found


def _lowering(
    writes: Writes, names: Symbols, program: Program, also: Variable | None = None
) -> Lowering:
    def look_up(variable: Variable) -> Polynomial | None:
        is_kept = (
            variable.ctype.kind is Kind.INTEGER
            and variable.scope in (Scope.LOCAL, Scope.PARAMETER)
            and variable.key not in program.address_taken
            and (variable.key not in writes.varying or variable == also)
        )
        return Polynomial.symbol(names.parameter(variable)) if is_kept else None

    return Lowering(look_up, names)


def _is_fixed(variable: Variable, writes: Writes, program: Program, times: int) -> bool:
    return (
        variable.ctype.kind is Kind.INTEGER
        and variable.scope in (Scope.LOCAL, Scope.PARAMETER)
        and writes.counts[variable.key] == times
        and variable.key not in program.address_taken
    )


def _fixed_value(
    variable: Variable, names: Symbols, writes: Writes, program: Program
) -> Polynomial | None:
    times = 1 if variable.scope is Scope.LOCAL else 0
    if not _is_fixed(variable, writes, program, times):
        return None
    return Polynomial.symbol(names.parameter(variable))

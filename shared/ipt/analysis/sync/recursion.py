"""Recursive calls in the text of a function, and what memory they touch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.effects import EffectKind, effects_of
from ipt.analysis.lowering import Symbols
from ipt.analysis.tracing import trace_statements
from ipt.analysis.writes import called_functions, find_writes
from ipt.model import (
    Assign,
    Block,
    Call,
    Declaration,
    Evaluate,
    For,
    If,
    Jump,
    Kind,
    Node,
    Scope,
    Statement,
    Variable,
    VarRef,
    parents_of,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.locations import Access
    from ipt.model import Expression, Function, Program

__all__ = [
    "CallGroup",
    "Memory",
    "OuterCall",
    "memory_of",
    "outer_calls",
    "recursive_groups",
]

_LEAST = 2
# Obstacles of the loop analysis that are judged here by what calls may touch.
_JUDGED = ("IPT307", "IPT308", "IPT309", "IPT317")
# They touch only what their arguments point to.
_ON_ARGUMENTS = frozenset(("free", "memcpy", "memmove", "memset"))


@dataclass(frozen=True, slots=True, eq=False)
class CallGroup:
    """Calls of a function by itself that can be done at the same time.

    Attributes:
        statements: Those that they are in: one for each call, or one for all.
        results: The variable that each sets, None where it sets none.
        is_returned: Whether all are in one `return`.
    """

    calls: tuple[Call, ...]
    statements: tuple[Statement, ...]
    results: tuple[Variable | None, ...]
    is_returned: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class OuterCall:
    """A statement of another function that starts the recursion."""

    function: Function
    statement: Statement


@dataclass(frozen=True, slots=True)
class Memory:
    """What a recursive function touches beside its own variables.

    Attributes:
        clash: Why two calls can never be done at the same time, or empty.
        is_passed: Whether it writes memory that it gets pointers to.
    """

    clash: str = ""
    is_passed: bool = False


def recursive_groups(function: Function) -> list[CallGroup]:
    """Return the calls of a function by itself that stand side by side."""
    found: list[CallGroup] = []
    for node in walk(function.body):
        if isinstance(node, Block):
            found += _in_block(function, node)
        elif (
            isinstance(node, Jump) and node.kind == "return" and node.value is not None
        ):
            calls = [*_own_calls(function, node.value)]
            if len(calls) >= _LEAST and _is_plain_sum(function, node.value):
                none = (None,) * len(calls)
                found.append(CallGroup(tuple(calls), (node,), none, is_returned=True))
    return found


def _in_block(function: Function, block: Block) -> Iterator[CallGroup]:
    run: list[tuple[Call, Statement, Variable | None]] = []
    for each in (*block.body, None):
        call = None if each is None else _single_call(function, each)
        if call is not None and each is not None:
            run.append((call[0], each, call[1]))
            continue
        if len(run) >= _LEAST:
            calls, statements, results = zip(*run, strict=True)
            yield CallGroup(calls, statements, results)
        run = []


def _single_call(
    function: Function, node: Statement
) -> tuple[Call, Variable | None] | None:
    """Return the call that a statement is, and the variable that it sets."""
    result: Variable | None = None
    value: Expression | None = None
    match node:
        case Evaluate(expression=Assign(op="=", target=VarRef() as target) as assign):
            result, value = target.variable, assign.value
        case Evaluate():
            value = node.expression
        case Declaration(declarators=(only,)) if only.variable.ctype.is_arithmetic:
            if only.variable.scope is not Scope.LOCAL or only.variable.ctype.is_const:
                return None
            result, value = only.variable, only.init
        case _:
            return None
    bare = None if value is None else strip_casts(value)
    if not isinstance(bare, Call) or bare.key != function.key:
        return None
    if result is not None and not result.ctype.is_arithmetic:
        return None
    return bare, result


def _own_calls(function: Function, node: Node) -> Iterator[Call]:
    for each in walk(node):
        if isinstance(each, Call) and each.key == function.key:
            yield each


def _is_plain_sum(function: Function, value: Expression) -> bool:
    """Tell whether a returned value needs all its calls, and gives numbers only.

    A call behind `&&`, `||` or `?:` may not be done at all, and one inside
    another one's arguments needs its result.
    """
    calls = [*_own_calls(function, value)]
    if not all(each.ctype.is_arithmetic for each in calls):
        return False
    for call in calls:
        for parent in parents_of(value, call):
            is_sum = getattr(parent, "op", "") in ("+", "-", "*", "&", "|", "^")
            if not is_sum and type(parent).__name__ != "Cast":
                return False
    return True


def outer_calls(program: Program, function: Function) -> list[OuterCall]:
    """Return the statements of other functions that call a recursive one.

    None are returned if one of the calls stands where threads cannot start.
    """
    found: list[OuterCall] = []
    for caller in program.bodies:
        if caller.key == function.key:
            continue
        for call in _own_calls(function, caller.body):
            statement = _statement_of(caller, call)
            if statement is None:
                return []
            if all(each.statement is not statement for each in found):
                found.append(OuterCall(caller, statement))
    return found


def _statement_of(caller: Function, call: Call) -> Statement | None:
    path = parents_of(caller.body, call)
    statements = [each for each in path if isinstance(each, Statement.__args__)]
    last = statements[-1]
    match last:
        case Evaluate():
            return last
        case Declaration(declarators=(only,)):
            ctype = only.variable.ctype
            is_plain = ctype.is_arithmetic and not ctype.is_const
            return last if is_plain and only.variable.scope is Scope.LOCAL else None
        case If() | For() | _:
            return None


def memory_of(program: Program, function: Function) -> Memory:
    """Return what a recursive function touches, all that it calls included."""
    writes = find_writes(function.body, program)
    trace = trace_statements((function.body,), program, writes, Symbols())
    for obstacle in trace.obstacles:
        if obstacle.code not in _JUDGED:
            what = obstacle.what or "something"
            return Memory(f"{what} in line {obstacle.span.line} is not followed")
    for effect in effects_of((function.body,), program):
        if effect.call.name in _ON_ARGUMENTS:
            continue
        name = effect.call.name or "a function through a pointer"
        if effect.kind is EffectKind.ANYTHING:
            return Memory(f"{name}() may do anything")
        return Memory(f"{name}() changes {effect.kind.value}")
    own = _own(program, function)
    for access in trace.accesses:
        clash = _clash(access, own)
        if clash:
            return Memory(clash)
    is_passed = any(each.is_write and _is_foreign(each, own) for each in trace.accesses)
    calls = {each.call.name for each in effects_of((function.body,), program)}
    return Memory(is_passed=is_passed or bool(calls & _ON_ARGUMENTS))


def _own(program: Program, function: Function) -> set[Variable]:
    """Return the parameters and local variables of all functions that are called."""
    keys = {function.key, *called_functions(function.body, program)}
    found: set[Variable] = set()
    for key in keys:
        each = program.by_key.get(key, function)
        found |= set(each.parameters)
        for node in walk(each.body):
            if isinstance(node, VarRef) and node.variable.scope in (
                Scope.LOCAL,
                Scope.PARAMETER,
            ):
                found.add(node.variable)
    return found


def _is_foreign(access: Access, own: set[Variable]) -> bool:
    """Tell whether an access may lead to memory that was passed."""
    location = access.location
    if location is None or location.split[0].is_pointer:
        return True
    return location.root.ctype.kind is Kind.REFERENCE or location.root not in own


def _clash(access: Access, own: set[Variable]) -> str:
    """Return why an access rules tasks out: a variable that all calls share."""
    location = access.location
    if not access.is_write or location is None or location.root in own:
        return ""
    return f"all calls change {location.root.name} (line {access.node.span.line})"

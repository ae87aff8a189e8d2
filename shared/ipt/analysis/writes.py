"""Which variables and members a loop changes, the functions it calls included.

A first, purely syntactic pass: what it does not list keeps its value.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.calls import CallKind, classify_call
from ipt.analysis.locations import UNION
from ipt.model import (
    CONTAINER_CALL,
    Assign,
    Call,
    Declarator,
    Increment,
    Kind,
    Member,
    Node,
    OpaqueExpression,
    Subscript,
    Unary,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis.frames import Key
    from ipt.model import CType, Expression, Program

__all__ = ["Writes", "called_functions", "find_writes"]


@dataclass
class Writes:
    """What some statements change.

    Attributes:
        counts: How often each variable is assigned in the text; the
            initialiser of a declaration counts.
        fields: Names of members that are assigned.
        declared: Variables that are declared there.
        memory: Types of what is assigned other than by a variable's name.
    """

    counts: Counter[Key] = field(default_factory=Counter)
    fields: set[str] = field(default_factory=set)
    declared: set[Key] = field(default_factory=set)
    memory: list[CType] = field(default_factory=list)

    @property
    def varying(self) -> frozenset[Key]:
        """Variables that may not keep one value."""
        return frozenset(self.counts) | frozenset(self.declared)


def called_functions(node: Node, program: Program) -> list[str]:
    """Return the keys of all functions of the file that a node can reach."""
    found: list[str] = []
    pending: list[Node] = [node]
    while pending:
        for each in walk(pending.pop()):
            if not isinstance(each, Call) or each.key in found:
                continue
            if each.key in program.by_key:
                found.append(each.key)
                pending.append(program.by_key[each.key].body)
    return found


def find_writes(node: Node, program: Program) -> Writes:
    """Collect what a node and all functions it calls change."""
    writes = Writes()
    _collect(node, writes, program)
    for key in called_functions(node, program):
        function = program.by_key[key]
        _collect(function.body, writes, program)
        writes.declared.update(each.key for each in function.parameters)
    return writes


def _collect(root: Node, writes: Writes, program: Program) -> None:
    for node in walk(root):
        match node:
            case Declarator():
                _declare(node, writes)
            case Call() if node.key.startswith(CONTAINER_CALL):
                _count_container(node, writes)
            case Call():
                _count_bound(node, writes, program)
            case Assign():
                _count(node.target, writes)
            case Increment():
                _count(node.operand, writes)
            case Unary(op="&") if not _is_read_only(node):
                # Whoever gets the address may write, any number of times.
                _count(node.operand, writes, times=2)
            case OpaqueExpression():
                for part in node.parts:
                    _count(part, writes, times=2)
            case _:
                pass


def _is_read_only(node: Unary) -> bool:
    """Tell whether the holder of an address can change nothing that counts here.

    What a container holds is no plain variable, and calls that change it as a
    whole are counted themselves.
    """
    target = node.ctype.target
    return target is not None and (target.is_const or target.is_container)


def _count_container(node: Call, writes: Writes) -> None:
    place = node.arguments[0]
    if isinstance(place, Unary):
        _count(place.operand, writes, times=2)


def _declare(node: Declarator, writes: Writes) -> None:
    writes.declared.add(node.variable.key)
    if node.init is None:
        return
    writes.counts[node.variable.key] += 1
    if node.variable.ctype.kind is Kind.REFERENCE:
        _count(node.init, writes, times=2)


def _count_bound(node: Call, writes: Writes, program: Program) -> None:
    """Count what parameters that are references may change."""
    kind = classify_call(node.name, is_system=node.is_system)
    if kind is CallKind.MOVES_BLOCK and node.arguments:
        # Bytes of a variable whose address is taken, or of elements.
        block = strip_casts(node.arguments[0]).ctype
        writes.memory.append(block if block.target is None else block.target)
    function = program.by_key.get(node.key)
    parameters = () if function is None else function.parameters
    for parameter, argument in zip(parameters, node.arguments, strict=False):
        target = parameter.ctype.target
        if parameter.ctype.kind is Kind.REFERENCE and target and not target.is_const:
            _count(argument, writes, times=2)


def _count(target: Expression, writes: Writes, times: int = 1) -> None:
    bare = strip_casts(target)
    if not isinstance(bare, VarRef):
        writes.memory.append(bare.ctype)
    match bare:
        case VarRef():
            writes.counts[bare.variable.key] += times
        case Member():
            writes.fields |= _names(bare)
        case Subscript():
            inner = strip_casts(bare.base)
            if isinstance(inner, Member) and inner.ctype.kind is Kind.ARRAY:
                writes.fields |= _names(inner)
        case _:
            pass


def _names(node: Member) -> set[str]:
    """Return the steps of locations that name the member, its union's included."""
    return {node.field, node.overlay, UNION.name} - {""}

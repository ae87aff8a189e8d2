"""Which variables and members a loop changes, the functions it calls included.

A first, purely syntactic pass: what it does not list keeps its value.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.model import (
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
    from ipt.model import Expression, Program

__all__ = ["Writes", "called_functions", "find_writes"]


@dataclass
class Writes:
    """What some statements change.

    Attributes:
        counts: How often each variable is assigned in the text; the
            initialiser of a declaration counts.
        fields: Names of members that are assigned.
        declared: Variables that are declared there.
    """

    counts: Counter[Key] = field(default_factory=Counter)
    fields: set[str] = field(default_factory=set)
    declared: set[Key] = field(default_factory=set)

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
    _collect(node, writes)
    for key in called_functions(node, program):
        function = program.by_key[key]
        _collect(function.body, writes)
        writes.declared.update(each.key for each in function.parameters)
    return writes


def _collect(root: Node, writes: Writes) -> None:
    for node in walk(root):
        match node:
            case Declarator():
                writes.declared.add(node.variable.key)
                if node.init is not None:
                    writes.counts[node.variable.key] += 1
            case Assign():
                _count(node.target, writes)
            case Increment():
                _count(node.operand, writes)
            case Unary(op="&"):
                # Whoever gets the address may write, any number of times.
                _count(node.operand, writes, times=2)
            case OpaqueExpression():
                for part in node.parts:
                    _count(part, writes, times=2)
            case _:
                pass


def _count(target: Expression, writes: Writes, times: int = 1) -> None:
    bare = strip_casts(target)
    match bare:
        case VarRef():
            writes.counts[bare.variable.key] += times
        case Member():
            writes.fields.add(bare.field)
        case Subscript():
            inner = strip_casts(bare.base)
            if isinstance(inner, Member) and inner.ctype.kind is Kind.ARRAY:
                writes.fields.add(inner.field)
        case _:
            pass

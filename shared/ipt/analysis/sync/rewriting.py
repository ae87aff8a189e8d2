"""Copies of the model tree with some nodes replaced."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar, cast

from ipt.model import (
    Binary,
    Call,
    CType,
    Declarator,
    Expression,
    Node,
    Program,
    Statement,
    Variable,
    VarRef,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ipt.model import Function
    from ipt.source import Span

__all__ = ["mapped", "sequence", "unknown_value", "with_function"]

_NODES = (*Statement.__args__, *Expression.__args__, Declarator)
_T = TypeVar("_T", bound=Node)


def mapped(node: _T, change: Callable[[Node], Node | None]) -> _T:
    """Return a copy of a tree.

    Args:
        node: Its root.
        change: Returns what a node becomes, None to copy it and look below it.
            Statements become statements, and expressions expressions.

    Returns:
        The copy; parts that do not change are the same nodes.
    """
    new = change(node)
    if new is not None:
        return cast("_T", new)
    changed: dict[str, object] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, _NODES):
            copied: object = mapped(value, change)
            is_same = copied is value
        elif isinstance(value, tuple) and any(isinstance(v, _NODES) for v in value):
            parts = tuple(mapped(v, change) for v in value)
            copied = parts
            is_same = all(a is b for a, b in zip(parts, value, strict=True))
        else:
            continue
        if not is_same:
            changed[field.name] = copied
    return replace(node, **changed) if changed else node  # type: ignore[arg-type]  # fields of the node's own type


def unknown_value(span: Span, ctype: CType, counter: Variable) -> Expression:
    """Return an expression that may have another value in each iteration.

    A function of the counter of which nothing is known but that it has no side
    effect: no part of the analysis computes a Bessel function.
    """
    argument = VarRef(span, counter.ctype, counter)
    return Call(span, ctype, "j0", (argument,), "", is_system=True)


def sequence(parts: Iterable[Expression], last: Expression) -> Expression:
    """Return the expression that evaluates some others before the last one."""
    found = last
    for part in reversed([*parts]):
        found = Binary(last.span, last.ctype, ",", part, found)
    return found


def with_function(program: Program, old: Function, new: Function) -> Program:
    """Return a program in which one function is another one."""
    return replace(
        program,
        functions=tuple(new if each is old else each for each in program.functions),
        by_key={**program.by_key, old.key: new},
    )

"""Walks over the model tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ipt.model import expressions as e
from ipt.model import statements as s

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Node",
    "children_of",
    "for_loops",
    "parents_of",
    "strip_casts",
    "text_of",
    "walk",
]

Node: TypeAlias = s.Statement | e.Expression | s.Declarator


def _present(*nodes: Node | None) -> tuple[Node, ...]:
    return tuple(node for node in nodes if node is not None)


def _expression_children(node: e.Expression) -> tuple[Node, ...]:
    match node:
        case e.Subscript():
            found = _present(node.base, node.index)
        case e.Member():
            found = (node.base,)
        case e.Unary() | e.Increment() | e.Cast():
            found = (node.operand,)
        case e.Binary():
            found = (node.left, node.right)
        case e.Assign():
            found = (node.target, node.value)
        case e.Conditional():
            found = (node.condition, node.then, node.otherwise)
        case e.Call():
            found = _present(node.callee, *node.arguments)
        case _:
            found = _other_parts(node)
    return found


def _other_parts(node: e.Expression) -> tuple[Node, ...]:
    match node:
        case e.InitList():
            return node.items
        case e.OpaqueExpression():
            return node.parts
        case _:
            return ()


def _statement_children(node: s.Statement | s.Declarator) -> tuple[Node, ...]:
    match node:
        case s.Block():
            return node.body
        case s.Declaration():
            return node.declarators
        case s.Declarator():
            return _present(*node.sizes, node.init)
        case s.Evaluate():
            return (node.expression,)
        case s.If():
            return _present(node.condition, node.then, node.otherwise)
        case _:
            return _other_children(node)


def _other_children(node: s.Statement) -> tuple[Node, ...]:  # noqa: PLR0911 - a return a case
    match node:
        case s.For():
            return _present(node.init, node.condition, node.step, node.body)
        case s.While():
            return (node.condition, node.body)
        case s.DoWhile():
            return (node.body, node.condition)
        case s.Switch() | s.Case():
            return _present(node.value, node.body)
        case s.Label():
            return (node.body,)
        case s.Jump():
            return _present(node.value)
        case s.OpaqueStatement():
            return (*node.expressions, *node.statements)
        case _:
            return ()


_EXPRESSIONS = e.Expression.__args__


def children_of(node: Node) -> tuple[Node, ...]:
    """Return the direct children of a node, in evaluation order where fixed."""
    if isinstance(node, _EXPRESSIONS):
        return _expression_children(node)
    return _statement_children(node)  # type: ignore[arg-type]  # the rest of the union


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, parents first."""
    yield node
    for child in children_of(node):
        yield from walk(child)


def for_loops(node: Node) -> Iterator[s.For]:
    """Yield the `for` loops at and below a node in pre-order."""
    for found in walk(node):
        if isinstance(found, s.For):
            yield found


def parents_of(root: Node, target: Node) -> list[Node]:
    """Return the path from `root` down to `target`, without `target`."""
    if root is target:
        return []
    for child in children_of(root):
        if child is target:
            return [root]
        below = parents_of(child, target)
        if below:
            return [root, *below]
    return []


def strip_casts(node: e.Expression) -> e.Expression:
    """Return what is converted, below all conversions."""
    while isinstance(node, e.Cast):
        node = node.operand
    return node


def text_of(node: Node) -> str:  # noqa: PLR0911 - a return a case
    """Return the text of a node for a message, on one line.

    Inside a macro expansion there is no text of the node's own; then it is
    put together from the tree.
    """
    if node.span.end > node.span.start:
        return " ".join(node.span.text.split())
    match node:
        case e.VarRef():
            return node.variable.name
        case e.Subscript():
            return f"{text_of(node.base)}[{text_of(node.index)}]"
        case e.Member():
            dot = "->" if node.arrow else "."
            return f"{text_of(node.base)}{dot}{node.field}"
        case e.Cast():
            return text_of(node.operand)
        case e.Literal() if node.value is not None:
            return str(node.value)
        case e.Binary():
            left, right = text_of(node.left), text_of(node.right)
            return f"{left} {node.op} {right}"
        case e.Unary():
            return f"{node.op}{text_of(node.operand)}"
        case _:
            return "…"

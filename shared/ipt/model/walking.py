"""Walks over the model tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ipt.model import expressions as e
from ipt.model import statements as s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "Node",
    "children_of",
    "for_loops",
    "in_macro",
    "parents_of",
    "strip_casts",
    "text_of",
    "walk",
]

Node: TypeAlias = s.Statement | e.Expression | s.Declarator


def _present(*nodes: Node | None) -> tuple[Node, ...]:
    return tuple(node for node in nodes if node is not None)


_CHILDREN: dict[type, Callable[[Any], tuple[Node, ...]]] = {
    e.Subscript: lambda node: _present(node.base, node.index),
    e.Member: lambda node: (node.base,),
    e.Unary: lambda node: (node.operand,),
    e.Increment: lambda node: (node.operand,),
    e.Cast: lambda node: (node.operand,),
    e.Binary: lambda node: (node.left, node.right),
    e.Assign: lambda node: (node.target, node.value),
    e.Conditional: lambda node: (node.condition, node.then, node.otherwise),
    e.Call: lambda node: _present(node.callee, *node.arguments),
    e.InitList: lambda node: node.items,
    e.OpaqueExpression: lambda node: node.parts,
    s.Block: lambda node: node.body,
    s.Declaration: lambda node: node.declarators,
    s.Declarator: lambda node: _present(*node.sizes, node.init),
    s.Evaluate: lambda node: (node.expression,),
    s.If: lambda node: _present(node.condition, node.then, node.otherwise),
    s.For: lambda node: _present(node.init, node.condition, node.step, node.body),
    s.While: lambda node: (node.condition, node.body),
    s.DoWhile: lambda node: (node.body, node.condition),
    s.Switch: lambda node: _present(node.value, node.body),
    s.Case: lambda node: _present(node.value, node.body),
    s.Label: lambda node: (node.body,),
    s.Jump: lambda node: _present(node.value),
    s.OpaqueStatement: lambda node: (*node.expressions, *node.statements),
}


def _no_children(node: Node) -> tuple[Node, ...]:
    del node
    return ()


def children_of(node: Node) -> tuple[Node, ...]:
    """Return the direct children of a node, in evaluation order where fixed."""
    return _CHILDREN.get(type(node), _no_children)(node)


class _Walks:
    """The walks that were made lately, since the same loops are walked often.

    What is kept is bounded by the number of nodes, whatever the programs are.
    """

    def __init__(self, room: int) -> None:
        self._most = self._room = room
        self._kept: dict[Node, tuple[Node, ...]] = {}

    def walk(self, root: Node) -> tuple[Node, ...]:
        """Return a node and all below it, parents first."""
        kept = self._kept.get(root)
        if kept is not None:
            return kept
        found: list[Node] = []
        # A stack of our own: generators in generators cost each node its depth.
        left = [root]
        while left:
            node = left.pop()
            found.append(node)
            left.extend(reversed(children_of(node)))
        walked = tuple(found)
        if self._room < len(walked):
            self._kept.clear()
            self._room = self._most
        if len(walked) <= self._room:
            self._room -= len(walked)
            self._kept[root] = walked
        return walked


_WALKS = _Walks(room=1_000_000)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, parents first."""
    return iter(_WALKS.walk(node))


def for_loops(node: Node) -> Iterator[s.For]:
    """Yield the `for` loops at and below a node in pre-order."""
    for found in walk(node):
        if isinstance(found, s.For):
            yield found


def in_macro(node: s.Statement) -> bool:
    """Tell whether a statement comes from a macro, at least in part.

    Text may be put in front of, behind or around a statement only if not: its
    first token is in the file itself, and a macro that gives its last token
    gives nothing beyond it.  What a macro gives in the middle does not matter.
    """
    is_header = isinstance(node, s.For) and node.in_macro
    return is_header or node.span.in_macro


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

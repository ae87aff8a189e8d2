"""Whether a variable is read before it is written.

A walk in evaluation order that keeps which parts of one variable have been
assigned on every way so far.  A part is a path of member names; the empty
path is the whole variable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ipt.model import (
    Assign,
    Binary,
    Block,
    Case,
    Conditional,
    Declarator,
    DoWhile,
    Expression,
    For,
    If,
    Increment,
    Jump,
    Label,
    Member,
    Node,
    OpaqueExpression,
    OpaqueStatement,
    Statement,
    Switch,
    VarRef,
    While,
    children_of,
    parents_of,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.model import Function, Variable

__all__ = ["Exposure", "first_use_after", "is_always_assigned"]

Parts: TypeAlias = frozenset[tuple[str, ...]]
_NOTHING: Parts = frozenset()


def _join(left: Parts | None, right: Parts | None) -> Parts | None:
    if left is None or right is None:
        return right if left is None else left
    return left & right


class Exposure:
    """Collects the reads of one variable that no assignment precedes.

    Attributes:
        reads: Those reads, in the order found.
    """

    def __init__(self, variable: Variable) -> None:
        self._variable = variable
        self.reads: list[Node] = []

    def visit(self, node: Node | None, state: Parts | None) -> Parts | None:  # noqa: PLR0911 - a return a case
        """Return what is assigned behind a node, None if never reached."""
        match node:
            case None:
                return state
            case If() | Conditional():
                state = self.visit(node.condition, state)
                then = self.visit(node.then, state)
                return _join(then, self.visit(node.otherwise, state))
            case For() | While() | DoWhile() | Switch():
                return self._repeated(node, state)
            case Jump():
                self.visit(node.value, state)
                return None
            case Binary(op="&&" | "||"):
                state = self.visit(node.left, state)
                return _join(state, self.visit(node.right, state))
            case OpaqueStatement() | OpaqueExpression():
                # What runs, and how often, is not known.
                self._children(node, state)
                return state
            case _:
                return self._plain(node, state)

    def _repeated(
        self, node: For | While | DoWhile | Switch, state: Parts | None
    ) -> Parts | None:
        if isinstance(node, Switch):
            state = self.visit(node.value, state)
            if _has_nested_case(node.body):
                self._every_read(node.body, state)
                return state
            for part in _cases(node.body):
                self.visit(part, state)
            return state
        if isinstance(node, DoWhile):
            end = self.visit(node.body, state)
            if _has_jump(node.body):
                self.visit(node.condition, state)
                return state
            return self.visit(node.condition, end)
        if isinstance(node, For):
            state = self.visit(node.init, state)
        state = self.visit(node.condition, state)
        end = self.visit(node.body, state)
        if isinstance(node, For):
            has_jump = _has_jump(node.body)
            self.visit(node.step, state if has_jump else end)
        return state

    def _every_read(self, node: Node, state: Parts | None) -> None:
        for each in walk(node):
            path = self._path(each) if isinstance(each, VarRef) else None
            if path is not None:
                self._read(each, path, state)

    def _plain(self, node: Node, state: Parts | None) -> Parts | None:
        match node:
            case Assign():
                state = self.visit(node.value, state)
                return self._assign(node.target, state, reads=node.op != "=")
            case Increment():
                return self._assign(node.operand, state, reads=True)
            case Declarator() if node.variable == self._variable:
                state = self.visit(node.init, state)
                return state if node.init is None else _with(state, ())
            case VarRef() | Member():
                path = self._path(node)
                if path is None:
                    return self._children(node, state)
                self._read(node, path, state)
                return state
            case _:
                return self._children(node, state)

    def _children(self, node: Node, state: Parts | None) -> Parts | None:
        for child in children_of(node):
            state = self.visit(child, state)
        return state

    def _assign(
        self, target: Expression, state: Parts | None, *, reads: bool
    ) -> Parts | None:
        bare = strip_casts(target)
        path = self._path(bare)
        if path is None:
            return self._children(bare, state)
        if reads:
            self._read(bare, path, state)
        return _with(state, path)

    def _read(self, node: Node, path: tuple[str, ...], state: Parts | None) -> None:
        if state is None:
            return
        if not any(path[:length] in state for length in range(len(path) + 1)):
            self.reads.append(node)

    def _path(self, node: Expression) -> tuple[str, ...] | None:
        names: list[str] = []
        while isinstance(node, Member) and not node.arrow:
            names.insert(0, node.field)
            node = node.base
        is_it = isinstance(node, VarRef) and node.variable == self._variable
        return tuple(names) if is_it else None


def _with(state: Parts | None, path: tuple[str, ...]) -> Parts | None:
    return None if state is None else state | {path}


def _cases(body: Statement) -> list[Node]:
    """Return the parts of a switch body, each reachable from its head."""
    return list(body.body) if isinstance(body, Block) else [body]


def _has_nested_case(body: Statement) -> bool:
    """Tell whether control can jump into the middle of a part of a switch."""
    for part in _cases(body):
        inner = part
        while isinstance(inner, Case):
            inner = inner.body
        if any(isinstance(each, Case) for each in _outside_switches(inner)):
            return True
    return False


def _outside_switches(node: Node) -> Iterator[Node]:
    yield node
    if not isinstance(node, Switch):
        for child in children_of(node):
            yield from _outside_switches(child)


def is_always_assigned(loop: For, variable: Variable) -> bool:
    """Tell whether every iteration assigns the whole variable."""
    has_jump = _has_jump(loop.body)
    state = Exposure(variable).visit(loop.body, _NOTHING)
    return not has_jump and state is not None and () in state


def first_use_after(
    function: Function, loop: Statement, variable: Variable
) -> Node | None:
    """Return where the value that a loop leaves in a variable may be read.

    Args:
        function: The function around the loop.
        loop: The loop, or another statement.
        variable: A local variable or parameter whose address is not taken.

    Returns:
        A read that control can reach from the loop's end with no assignment
        on the way, None if there is none.
    """
    path = parents_of(function.body, loop)
    if any(isinstance(node, Label) for node in walk(function.body)):
        return _any_use_outside(function, loop, variable)
    exposure = Exposure(variable)
    state: Parts | None = _NOTHING
    child: Node = loop
    for parent in reversed(path):
        if isinstance(parent, Block):
            position = next(n for n, each in enumerate(parent.body) if each is child)
            rest = parent.body[position + 1 :]
            for each in rest:
                state = exposure.visit(each, state)
            if state is None or any(_has_jump(each) for each in rest):
                # A jump skips assignments; where it leads is not followed.
                state = _NOTHING
        elif isinstance(parent, For | While | DoWhile):
            if isinstance(parent, For):
                state = exposure.visit(parent.step, state)
            state = exposure.visit(parent.condition, state)
            exposure.visit(parent.body, state)
        elif isinstance(parent, OpaqueStatement):
            # It may be a loop, whose next iteration reads what this one left.
            exposure.visit(parent, _NOTHING)
            state = _NOTHING
        child = parent
    return exposure.reads[0] if exposure.reads else None


def _has_jump(node: Node) -> bool:
    return any(isinstance(each, Jump) for each in walk(node))


def _any_use_outside(
    function: Function, loop: Statement, variable: Variable
) -> Node | None:
    for node in walk(function.body):
        is_it = isinstance(node, VarRef) and node.variable == variable
        if is_it and not loop.span.contains(node.span):
            return node
    return None

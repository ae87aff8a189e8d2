"""A forward pass that keeps the pairs of blocks that are known to be distinct.

Copies carry the knowledge along, so that the usual swap of two grids at the
end of a time step keeps them apart.  What is not a copy, a fresh block or the
address of a variable loses all knowledge.

A block that was freed may be given out again; a pointer to it is dangling
then, and following it has no meaning in C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from ipt.analysis.calls import CallKind, classify_call
from ipt.analysis.origins import Fresh, Token, origin_of
from ipt.model import (
    Assign,
    Binary,
    Block,
    Call,
    Case,
    Conditional,
    Declarator,
    DoWhile,
    Evaluate,
    For,
    If,
    Increment,
    Jump,
    Kind,
    Node,
    OpaqueExpression,
    Statement,
    Switch,
    Variable,
    VarRef,
    While,
    children_of,
    strip_casts,
)

if TYPE_CHECKING:
    from ipt.analysis.origins import Origin
    from ipt.model import CType, Expression, Program

__all__ = ["Distinct", "PointerFlow", "are_apart"]

Distinct: TypeAlias = frozenset[frozenset[Token]]
_MOST_ROUNDS = 50
# Functions of the C++ library after which a container owns the block of another.
_MOVERS = {"swap", "move", "exchange", "operator=", "assign", "iter_swap"}


def _join(left: Distinct | None, right: Distinct | None) -> Distinct | None:
    """Return what holds on both ways; None stands for a way never taken."""
    if left is None or right is None:
        return right if left is None else left
    return left & right


class PointerFlow:
    """One pass over one function; owns what it found at loops and calls.

    Attributes:
        at: The pairs known in front of each statement and each call.
    """

    def __init__(self, program: Program, tokens: frozenset[Token]) -> None:
        self._program = program
        self._tokens = tokens
        self._jumps: list[dict[str, Distinct | None]] = []
        self.at: dict[Node, Distinct] = {}

    def statement(self, node: Statement, state: Distinct | None) -> Distinct | None:  # noqa: PLR0911 - a return a case
        """Return the pairs behind a statement, None if control never gets there."""
        self._keep(node, state)
        match node:
            case Block():
                for each in node.body:
                    state = self.statement(each, state)
                return state
            case If():
                state = self.visit(node.condition, state)
                then = self.statement(node.then, state)
                if node.otherwise is None:
                    return _join(then, state)
                return _join(then, self.statement(node.otherwise, state))
            case For() | While() | DoWhile():
                return self._loop(node, state)
            case Switch():
                return self._switch(node, state)
            case Case():
                entry = self._jumps[-1].get("switch") if self._jumps else None
                return self.statement(node.body, _join(state, entry))
            case Jump():
                return self._jump(node, state)
            case Evaluate():
                return self.visit(node.expression, state)
            case _:
                return self._children(node, state)

    def _keep(self, node: Node, state: Distinct | None) -> None:
        """Remember what is known in front of a node, on every way there."""
        if state is None:
            return
        known = self.at.get(node)
        self.at[node] = state if known is None or known is state else known & state

    def _jump(self, node: Jump, state: Distinct | None) -> Distinct | None:
        if node.value is not None:
            state = self.visit(node.value, state)
        if node.kind in ("break", "continue"):
            for frame in reversed(self._jumps):
                if node.kind == "break" or "switch" not in frame:
                    frame[node.kind] = _join(frame.get(node.kind), state)
                    break
        return None

    def _loop(
        self, node: For | While | DoWhile, state: Distinct | None
    ) -> Distinct | None:
        if isinstance(node, For) and node.init is not None:
            state = self.statement(node.init, state)
        step = node.step if isinstance(node, For) else None
        head = state
        for _ in range(_MOST_ROUNDS):
            frame: dict[str, Distinct | None] = {}
            self._jumps.append(frame)
            inside = head
            if not isinstance(node, DoWhile):
                inside = self.visit(node.condition, inside)
            end = self.statement(node.body, inside)
            self._jumps.pop()
            end = _join(end, frame.get("continue"))
            if isinstance(node, DoWhile):
                end = self.visit(node.condition, end)
            end = self.visit(step, end)
            leaving = end if isinstance(node, DoWhile) else head
            exit_ = _join(self.visit(node.condition, leaving), frame.get("break"))
            narrowed = _join(head, end)
            if narrowed == head:
                return exit_
            head = narrowed
        return frozenset()

    def _switch(self, node: Switch, state: Distinct | None) -> Distinct | None:
        state = self.visit(node.value, state)
        frame: dict[str, Distinct | None] = {"switch": state}
        self._jumps.append(frame)
        end = self.statement(node.body, None)
        self._jumps.pop()
        return _join(_join(end, state), frame.get("break"))

    def _children(self, node: Node, state: Distinct | None) -> Distinct | None:
        for child in children_of(node):
            if isinstance(child, Declarator):
                state = self._declarator(child, state)
            elif isinstance(child, Statement.__args__):
                state = self.statement(child, state)
            else:
                state = self.visit(child, state)  # type: ignore[arg-type]  # the rest
        return state

    def _declarator(self, node: Declarator, state: Distinct | None) -> Distinct | None:
        state = self.visit(node.init, state)
        if node.variable.is_shared_storage:
            # It is set once, before the first call.
            return state
        if node.init is not None and node.variable.ctype.kind is Kind.POINTER:
            state = self._set(node.variable, node.init, state)
        return state

    def visit(self, node: Expression | None, state: Distinct | None) -> Distinct | None:
        """Return the pairs behind the evaluation of an expression."""
        match node:
            case None:
                return state
            case Conditional():
                state = self.visit(node.condition, state)
                then = self.visit(node.then, state)
                return _join(then, self.visit(node.otherwise, state))
            case Binary(op="&&" | "||"):
                state = self.visit(node.left, state)
                return _join(state, self.visit(node.right, state))
            case Assign() | Increment():
                return self._assign(node, state)
            case Call():
                return self._call(node, state)
            case _:
                state = self._children(node, state)
                is_opaque = isinstance(node, OpaqueExpression)
                return _without_globals(state) if is_opaque else state

    def _call(self, node: Call, state: Distinct | None) -> Distinct | None:
        state = self._children(node, state)
        self._keep(node, state)
        may_set = node.key in self._program.by_key or not _is_harmless(node)
        if node.name in _MOVERS and node.key not in self._program.by_key:
            state = _without_elements(state)
        return _without_globals(state) if may_set else state

    def _assign(
        self, node: Assign | Increment, state: Distinct | None
    ) -> Distinct | None:
        state = self._children(node, state)
        target = strip_casts(node.target if isinstance(node, Assign) else node.operand)
        if not isinstance(target, VarRef) or target.ctype.kind is not Kind.POINTER:
            return state
        if isinstance(node, Assign) and node.op == "=":
            return self._set(target.variable, node.value, state)
        # `p++` and `p += n` stay within their block.
        return state

    def _set(
        self, variable: Variable, value: Expression, state: Distinct | None
    ) -> Distinct | None:
        target = Token(variable, is_pointee=True)
        if state is None or target not in self._tokens:
            return state
        origins = origin_of(value, self._program)
        kept = {pair for pair in state if target not in pair}
        for other in self._tokens - {target}:
            if all(self._apart(origin, other, target, state) for origin in origins):
                kept.add(frozenset((target, other)))
        return frozenset(kept)

    def _apart(
        self, origin: Origin, other: Token, target: Token, state: Distinct
    ) -> bool:
        if origin is None:
            return False
        if isinstance(origin, Fresh) or (origin == target and other != target):
            return isinstance(origin, Fresh) or frozenset((target, other)) in state
        return are_apart(origin, other, state)


def _is_harmless(node: Call) -> bool:
    """Tell whether a call sets no pointer of the file: the library's cannot."""
    kind = classify_call(node.name, is_system=node.is_system)
    is_known = node.is_system or kind is not CallKind.UNKNOWN
    return is_known and not any(_is_function(each) for each in node.arguments)


def _is_function(node: Expression) -> bool:
    target = node.ctype.target
    return target is not None and target.kind is Kind.OTHER and "(" in target.spelling


def _without_elements(state: Distinct | None) -> Distinct | None:
    """Forget what pointers to elements say of containers.

    A container that was exchanged with another one, or moved, owns the block of
    the other one; numbers, and containers of one type, are elements of neither.
    """
    if state is None:
        return None
    return frozenset(pair for pair in state if _outlives_moves(*pair))


def _outlives_moves(left: Token, right: Token) -> bool:
    if not left.is_pointee and not right.is_pointee:
        return True
    one, other = _type_of(left), _type_of(right)
    if one.is_container and other.is_container:
        return one.spelling == other.spelling
    return one.is_arithmetic and other.is_arithmetic


def _type_of(token: Token) -> CType:
    ctype = token.variable.ctype
    return ctype.target if token.is_pointee and ctype.target else ctype


def _without_globals(state: Distinct | None) -> Distinct | None:
    if state is None:
        return None
    gone = frozenset(
        pair
        for pair in state
        if any(t.is_pointee and t.variable.is_shared_storage for t in pair)
    )
    return state - gone if gone else state


def are_apart(left: Token, right: Token, state: Distinct) -> bool:
    """Tell whether two blocks are known to be distinct."""
    if left == right:
        return False
    if not left.is_pointee and not right.is_pointee:
        return True
    return frozenset((left, right)) in state

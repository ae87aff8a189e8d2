"""Runs small functions over integers, statement by statement.

Faster than compiling each of several hundred programs.  What the random
programs of the tests do not use is not understood.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import TYPE_CHECKING

from ipt.model import (
    Assign,
    Binary,
    Block,
    Call,
    Cast,
    Conditional,
    Declaration,
    Evaluate,
    Expression,
    For,
    If,
    Increment,
    Jump,
    Literal,
    Subscript,
    Unary,
    VarRef,
    strip_casts,
)

if TYPE_CHECKING:
    from ipt.model import Program, Statement, Variable

_OPERATORS = {
    "+": add,
    "-": sub,
    "*": mul,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "==": eq,
    "!=": ne,
}


class _Return(Exception):
    def __init__(self, value: int) -> None:
        super().__init__()
        self.value = value


@dataclass
class Machine:
    """The memory and the output of one run.

    Attributes:
        cells: The value of each variable, or of each element of an array.
        output: What `print` was called with.
    """

    cells: dict[tuple[Variable, tuple[int, ...]], int] = field(default_factory=dict)
    output: list[int] = field(default_factory=list)

    def run(self, program: Program, name: str, *arguments: int) -> int | None:
        """Run a function and return what it returns."""
        function = next(each for each in program.functions if each.name == name)
        for parameter, value in zip(function.parameters, arguments, strict=True):
            self.cells[parameter, ()] = value
        try:
            self.statement(function.body)
        except _Return as done:
            return done.value
        return None

    def globals(self) -> dict[tuple[str, tuple[int, ...]], int]:
        """Return what global variables hold, by name."""
        return {
            (variable.name, index): value
            for (variable, index), value in self.cells.items()
            if variable.is_shared_storage
        }

    def statement(self, node: Statement) -> None:  # noqa: C901 - a case a kind
        """Run one statement."""
        match node:
            case Block():
                for each in node.body:
                    self.statement(each)
            case Declaration():
                for declarator in node.declarators:
                    self._forget(declarator.variable)
                    if declarator.init is not None:
                        value = self.value(declarator.init)
                        self.cells[declarator.variable, ()] = value
            case Evaluate():
                self.value(node.expression)
            case If():
                if self.value(node.condition):
                    self.statement(node.then)
                elif node.otherwise is not None:
                    self.statement(node.otherwise)
            case For():
                self._for(node)
            case Jump(kind="return"):
                assert node.value is not None
                raise _Return(self.value(node.value))
            case _:
                raise NotImplementedError(type(node).__name__)

    def _for(self, node: For) -> None:
        if node.init is not None:
            self.statement(node.init)
        while node.condition is None or self.value(node.condition):
            self.statement(node.body)
            if node.step is not None:
                self.value(node.step)

    def _forget(self, variable: Variable) -> None:
        """Make a variable that must not be read before it is set."""
        for key in [each for each in self.cells if each[0] == variable]:
            del self.cells[key]

    def value(self, node: Expression) -> int:  # noqa: PLR0911 - a return a case
        """Return the value of an expression."""
        match node:
            case Literal():
                assert node.value is not None
                return node.value
            case Cast():
                return self.value(node.operand)
            case VarRef() | Subscript():
                return self._read(*self._place(node))
            case Unary(op="-"):
                return -self.value(node.operand)
            case Binary(op="&&"):
                return int(self.value(node.left) and self.value(node.right))
            case Binary():
                left, right = self.value(node.left), self.value(node.right)
                return int(_OPERATORS[node.op](left, right))
            case Conditional():
                chosen = node.then if self.value(node.condition) else node.otherwise
                return self.value(chosen)
            case Assign() | Increment():
                return self._assign(node)
            case Call(name="print"):
                self.output.append(self.value(node.arguments[0]))
                return 0
            case _:
                raise NotImplementedError(type(node).__name__)

    def _assign(self, node: Assign | Increment) -> int:
        if isinstance(node, Increment):
            place = self._place(node.operand)
            old = self._read(*place)
            new = old + (1 if node.op == "++" else -1)
            self.cells[place] = new
            return new if node.prefix else old
        value = self.value(node.value)
        place = self._place(node.target)
        if node.op != "=":
            value = int(_OPERATORS[node.op[0]](self._read(*place), value))
        self.cells[place] = value
        return value

    def _place(self, node: Expression) -> tuple[Variable, tuple[int, ...]]:
        bare = strip_casts(node)
        if isinstance(bare, VarRef):
            return bare.variable, ()
        assert isinstance(bare, Subscript)
        variable, indices = self._place(bare.base)
        return variable, (*indices, self.value(bare.index))

    def _read(self, variable: Variable, index: tuple[int, ...]) -> int:
        if variable.is_shared_storage and (variable, index) not in self.cells:
            # Every element begins with a value of its own.
            return sum((n + 1) * 37 for n in index) % 101
        return self.cells[variable, index]

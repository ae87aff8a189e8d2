"""Follows one loop and lists every access to memory that it makes.

Calls of functions in the same file are followed with their arguments, so
that `set_cell(a, i, j)` is seen as the access that it makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.domains import Domain
from ipt.analysis.expression_tracing import ExpressionTracer, Obstacle, Trace
from ipt.analysis.frames import Frame
from ipt.analysis.lowering import Symbols
from ipt.analysis.polynomials import Comparison, Polynomial, compare
from ipt.analysis.writes import called_functions
from ipt.model import (
    Assign,
    Block,
    Call,
    Case,
    Cast,
    Declaration,
    Declarator,
    DoWhile,
    Evaluate,
    Expression,
    For,
    If,
    Jump,
    Kind,
    Label,
    Member,
    OpaqueStatement,
    Scope,
    Statement,
    Subscript,
    Switch,
    Unary,
    Variable,
    VarRef,
    While,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis.polynomials import Condition
    from ipt.analysis.writes import Writes
    from ipt.model import Function, Node, Program

__all__ = ["Obstacle", "Trace", "trace_loop"]

_MOST_DEPTH = 12
_MOST_CALLS = 200


def trace_loop(loop: CountedLoop, program: Program, writes: Writes) -> Trace:
    """List the accesses of a loop.

    Args:
        loop: The loop.
        program: The file it is in.
        writes: What the loop changes.

    Returns:
        The accesses, in evaluation order, and what could not be followed.
    """
    names = Symbols()
    frame = Frame({}, {}, {}, writes.varying | {loop.counter.key})
    counter = names.iterator(loop.counter)
    trace = Trace(counter, Domain(), names)
    tracer = _Tracer(program, writes, trace)
    inner, domain = tracer.counted(loop, counter, frame, Domain())
    trace.domain = domain
    tracer.statement(loop.loop.body, inner, _with_jumps(loop.loop.body, domain))
    return trace


def _with_jumps(body: Statement, domain: Domain) -> Domain:
    """Mark the domain as too large if a jump may skip statements."""
    last = body.body[-1:] if isinstance(body, Block) else ()
    jumps = [node for node in walk(body) if isinstance(node, Jump) and node not in last]
    return domain.where(None) if jumps else domain


def touches_shared(function: Function, program: Program) -> bool:
    """Tell whether a function or one it calls touches more than its own values."""
    bodies = [function.body]
    bodies += [program.by_key[k].body for k in called_functions(function.body, program)]
    return any(_is_shared(node) for body in bodies for node in walk(body))


def _is_shared(node: Node) -> bool:
    match node:
        case VarRef():
            if node.variable.ctype.kind is Kind.REFERENCE:
                return True
            return node.variable.is_shared_storage and not node.ctype.is_const
        case Unary(op="*") | Member(arrow=True):
            return True
        case Subscript():
            return node.base.ctype.kind is Kind.POINTER and not (
                isinstance(node.base, Cast)
                and node.base.operand.ctype.kind is Kind.ARRAY
            )
        case _:
            return False


class _Tracer(ExpressionTracer):
    """Walks statements, and the bodies of called functions."""

    def __init__(self, program: Program, writes: Writes, trace: Trace) -> None:
        super().__init__(program, writes, trace)
        self._stack: list[Function] = []
        self._followed = 0

    # Statements return the frame that holds behind them in the same block.

    def statement(self, node: Statement, frame: Frame, domain: Domain) -> Frame:
        """Trace one statement."""
        match node:
            case Block():
                inside = frame
                for each in node.body:
                    inside = self.statement(each, inside, domain)
            case Declaration():
                for declarator in node.declarators:
                    frame = self._declarator(declarator, frame, domain)
            case Evaluate():
                self.expression(node.expression, frame, domain)
                return self._assigned(node.expression, frame)
            case If():
                self._if(node, frame, domain)
            case For():
                self._for(node, frame, domain)
            case _:
                self._other(node, frame, domain)
        return frame

    def _other(self, node: Statement, frame: Frame, domain: Domain) -> None:
        match node:
            case While() | DoWhile():
                self._trace.has_inner_loop = self._trace.inner_uneven = True
                unknown = domain.where(None)
                self.expression(node.condition, frame, unknown)
                self.statement(node.body, frame, unknown)
            case Switch():
                self.expression(node.value, frame, domain)
                self.statement(node.body, frame, domain.where(None))
            case Case():
                self.statement(node.body, frame, domain)
            case Jump():
                if node.kind == "goto":
                    self._obstacle("IPT306", "goto", node.span)
                if node.value is not None:
                    self.expression(node.value, frame, domain)
            case Label():
                self._obstacle("IPT311", f"the label {node.name}", node.span)
            case OpaqueStatement():
                self._obstacle("IPT311", f"this {node.what}", node.span)
            case _:
                pass

    def _declarator(self, node: Declarator, frame: Frame, domain: Domain) -> Frame:
        for size in node.sizes:
            self.expression(size, frame, domain)
        variable = node.variable
        if variable.scope is Scope.STATIC:
            return frame
        if node.init is None:
            return frame
        if variable.ctype.kind is Kind.REFERENCE:
            target = self.resolver(frame).location(node.init)
            return frame.with_reference(variable, target)
        self.expression(node.init, frame, domain)
        return self._learn(variable, node.init, frame)

    def _assigned(self, node: Expression, frame: Frame) -> Frame:
        if (
            isinstance(node, Assign)
            and node.op == "="
            and isinstance(node.target, VarRef)
        ):
            return self._learn(node.target.variable, node.value, frame)
        return frame

    def _learn(self, variable: Variable, value: Expression, frame: Frame) -> Frame:
        """Remember what a variable holds if this is its only assignment."""
        is_known = self._writes.counts[variable.key] == 1
        if variable.is_shared_storage or not is_known or self._is_taken(variable):
            return frame
        resolver = self.resolver(frame)
        if variable.ctype.kind is Kind.POINTER:
            return frame.with_pointer(variable, resolver.pointer(value))
        if variable.ctype.kind is not Kind.INTEGER:
            return frame
        found = resolver.lowering.value(value)
        if resolver.lowering.symbols:
            # Helper symbols would have to follow the variable; rare enough.
            found = None
        return frame.with_value(variable, found)

    def _is_taken(self, variable: Variable) -> bool:
        return variable.key in self._program.address_taken

    def _if(self, node: If, frame: Frame, domain: Domain) -> None:
        self.expression(node.condition, frame, domain)
        yes, no = self._branches(node.condition, frame, domain)
        self.statement(node.then, frame, yes)
        if node.otherwise is not None:
            self.statement(node.otherwise, frame, no)

    def _for(self, node: For, frame: Frame, domain: Domain) -> None:
        self._trace.has_inner_loop = True
        counted = counted_loop(node)
        if not isinstance(counted, CountedLoop) or self._is_special(counted):
            self._trace.inner_uneven = True
            unknown = domain.where(None)
            inside = frame
            if node.init is not None:
                inside = self.statement(node.init, frame, domain)
            for each in (node.condition, node.step):
                if each is not None:
                    self.expression(each, inside, unknown)
            self.statement(node.body, inside, unknown)
            return
        symbol = self._trace.names.iterator(counted.counter)
        if node.init is not None:
            self.statement(node.init, frame, domain)
        inside, narrowed = self.counted(counted, symbol, frame, domain)
        self._note_unevenness(counted, frame)
        start = domain.with_symbols(symbol).where(None)
        self.expression(counted.test, inside, start)
        if counted.step_value is not None:
            self.expression(counted.step_value, inside, start)
        self.statement(node.body, inside, narrowed)

    def _is_special(self, loop: CountedLoop) -> bool:
        return loop.counter.is_shared_storage or (
            loop.counter.key in self._program.address_taken
        )

    def _note_unevenness(self, loop: CountedLoop, frame: Frame) -> None:
        lowering = self.resolver(frame).lowering
        for bound in (loop.lower, loop.bound):
            found = lowering.value(bound)
            if found is None and any(self._is_data(each) for each in walk(bound)):
                self._trace.inner_uneven = True
            if found is not None and self._trace.counter in found.symbols:
                self._trace.inner_uneven = True

    def _is_data(self, node: Node) -> bool:
        """Tell whether a part of a bound may differ between iterations."""
        if isinstance(node, VarRef):
            return node.variable.key in self._writes.varying
        return isinstance(node, Subscript | Call)

    def counted(
        self, loop: CountedLoop, symbol: str, frame: Frame, domain: Domain
    ) -> tuple[Frame, Domain]:
        """Return frame and domain inside a counted loop."""
        value = Polynomial.symbol(symbol)
        before = self.resolver(frame).lowering
        lower = before.value(loop.lower)
        inside = frame.with_value(loop.counter, value)
        after = self.resolver(inside).lowering
        test = after.condition(loop.test)
        conditions: list[Condition | None] = [*before.conditions, *after.conditions]
        symbols = [symbol, *before.symbols, *after.symbols]
        if lower is None:
            conditions.append(None)
        else:
            conditions.append(compare(value, "<=" if loop.is_downward else ">=", lower))
            conditions += self._stride(loop, value, lower, symbols)
        conditions.append(test)
        if loop.op == "!=" and loop.counter.ctype.is_signed:
            # Signed counters that passed the bound would overflow.
            bound = after.value(loop.bound)
            op = ">" if loop.is_downward else "<"
            conditions.append(None if bound is None else compare(value, op, bound))
        return inside, domain.with_symbols(*symbols).where(*conditions)

    def _stride(
        self,
        loop: CountedLoop,
        value: Polynomial,
        lower: Polynomial,
        symbols: list[str],
    ) -> list[Condition | None]:
        if loop.step is None:
            return [None]
        if loop.step in (1, -1):
            return []
        turn = self._trace.names.fresh("turn")
        symbols.append(turn)
        distance = Polynomial.constant(loop.step) * Polynomial.symbol(turn)
        return [Comparison(value - lower - distance, "=")]

    def follow(
        self, function: Function, node: Call, frame: Frame, domain: Domain
    ) -> None:
        """Trace the body of a function of the file that is called."""
        if function in self._stack:
            if touches_shared(function, self._program):
                self._obstacle("IPT317", f"{node.name}()", node.span, node.name)
            return
        self._followed += 1
        if len(self._stack) >= _MOST_DEPTH or self._followed > _MOST_CALLS:
            self._obstacle("IPT318", "", node.span)
            return
        inside = Frame({}, {}, {}, frame.varying)
        for parameter, argument in zip(
            function.parameters, node.arguments, strict=False
        ):
            inside = self._bind(parameter, argument, frame, inside)
        outer = self._calls
        self._calls = (*outer, node.span)
        self._stack.append(function)
        self.statement(function.body, inside, _with_jumps(function.body, domain))
        self._stack.pop()
        self._calls = outer

    def _bind(
        self, parameter: Variable, argument: Expression, frame: Frame, inside: Frame
    ) -> Frame:
        resolver = self.resolver(frame)
        kind = parameter.ctype.kind
        if kind is Kind.REFERENCE:
            return inside.with_reference(parameter, resolver.location(argument))
        if self._writes.counts[parameter.key] or self._is_taken(parameter):
            return inside
        if kind is Kind.POINTER:
            return inside.with_pointer(parameter, resolver.pointer(argument))
        if kind is not Kind.INTEGER:
            return inside
        value = resolver.lowering.value(argument)
        if resolver.lowering.symbols:
            value = None
        return inside.with_value(parameter, value)

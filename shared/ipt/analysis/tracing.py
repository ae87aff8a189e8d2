"""Follows one loop and lists every access to memory that it makes.

Calls of functions in the same file are followed with their arguments, so
that `set_cell(a, i, j)` is seen as the access that it makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.domains import Domain
from ipt.analysis.evenness import is_even
from ipt.analysis.expression_tracing import Obstacle, Trace
from ipt.analysis.frames import Frame
from ipt.analysis.locations import Access, Location
from ipt.analysis.lowering import Symbols
from ipt.analysis.polynomials import condition_symbols
from ipt.analysis.sharing import touches_shared
from ipt.analysis.stepping import moves_of, written_in
from ipt.analysis.value_tracing import ValueTracer
from ipt.model import (
    Assign,
    Block,
    Call,
    Case,
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
    OpaqueStatement,
    Scope,
    Statement,
    Subscript,
    Switch,
    Variable,
    VarRef,
    While,
    children_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.analysis.writes import Writes
    from ipt.model import Function, Node, Program

__all__ = ["Obstacle", "Trace", "trace_loop", "trace_statements"]

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
    frame = tracer.at_start(loop, frame)
    inner, domain = tracer.counted(loop, counter, frame, Domain())
    trace.domain = domain
    tracer.statement(loop.loop.body, inner, _with_jumps(loop.loop.body, domain))
    return trace


def trace_statements(
    statements: Sequence[Statement], program: Program, writes: Writes, names: Symbols
) -> Trace:
    """List the accesses of statements that are run once, one after the other.

    Args:
        statements: Consecutive statements of one block.
        program: The program they are in.
        writes: What does not keep its value while they run.
        names: The symbols to use; traces that share them can be compared.

    Returns:
        The accesses, in evaluation order, and what could not be followed.
    """
    frame = Frame({}, {}, {}, writes.varying)
    trace = Trace("", Domain(), names)
    tracer = _Tracer(program, writes, trace)
    for each in statements:
        frame = tracer.statement(each, frame, _with_jumps(each, Domain()))
    return trace


def _with_jumps(body: Statement, domain: Domain) -> Domain:
    """Narrow the domain of a body by that a jump may have left it before its end.

    Where one statement is reached, so were those in front of it in the same run
    of the body; of what comes behind the body nothing is said.
    """
    last = body.body[-1:] if isinstance(body, Block) else ()
    jumps = [each for each in _jumps_out(body) if each not in last]
    if any(each.kind == "goto" for each in jumps):
        return domain.skipped()
    return domain.where(None) if jumps else domain


def _jumps_out(node: Node, caught: frozenset[str] = frozenset()) -> Iterator[Jump]:
    """Yield the jumps that lead out of a body."""
    if isinstance(node, Jump) and node.kind not in caught:
        yield node
    if isinstance(node, For | While | DoWhile):
        caught = caught | {"break", "continue"}
    elif isinstance(node, Switch):
        caught = caught | {"break"}
    for child in children_of(node):
        yield from _jumps_out(child, caught)


class _Tracer(ValueTracer):
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
                return inside
            case Declaration():
                for declarator in node.declarators:
                    frame = self._declarator(declarator, frame, domain)
            case Evaluate():
                return self._evaluate(node.expression, frame, domain)
            case If():
                self._if(node, frame, domain)
                return frame.without(written_in(node))
            case For():
                self._for(node, frame, domain)
                return frame.without(written_in(node))
            case _:
                self._other(node, frame.without(written_in(node)), domain)
                return frame.without(written_in(node))
        return frame

    def _evaluate(self, node: Expression, frame: Frame, domain: Domain) -> Frame:
        """Trace a full expression, and return what holds behind it."""
        moves = moves_of(node)
        learns = None
        if isinstance(node, Assign) and isinstance(node.target, VarRef):
            learns = node.target.variable if node.op == "=" else None
        unclear = [key for key, each in moves.items() if each is None]
        if learns is not None and len(moves) == 1:
            # The old value may still be read, as in `k = k + 1`.
            unclear = []
        during = frame.without(unclear)
        self.expression(node, during, domain)
        after = self.moved(moves.values(), during)
        if learns is None or not isinstance(node, Assign):
            return after
        if len(moves) == 1:
            return self.learn(learns, node.value, during)
        return after.without([learns.key])

    def _other(self, node: Statement, frame: Frame, domain: Domain) -> None:
        match node:
            case While() | DoWhile():
                self._trace.has_inner_loop = self._trace.inner_uneven = True
                unknown = domain.where(None)
                tested = unknown if isinstance(node, While) else domain.where(None)
                self.expression(node.condition, frame, tested)
                self.statement(node.body, frame, _with_jumps(node.body, unknown))
            case Switch():
                self.expression(node.value, frame, domain)
                self.statement(node.body, frame, domain.skipped())
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
            frame = self._evaluate(size, frame, domain)
        variable = node.variable
        if variable.scope is Scope.STATIC:
            return frame
        if node.init is None:
            return frame
        if variable.ctype.kind is Kind.REFERENCE:
            target = self.resolver(frame).lasting_location(node.init)
            return frame.with_reference(variable, target)
        frame = self._evaluate(node.init, frame, domain)
        here = Location(variable, ())
        self._trace.every.append(
            Access(
                here,
                is_write=True,
                ctype=variable.ctype,
                domain=domain,
                node=node.init,
                calls=self._calls,
            )
        )
        return self.learn(variable, node.init, frame)

    def _if(self, node: If, frame: Frame, domain: Domain) -> None:
        frame = frame.without(written_in(node.condition))
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
            inside = inside.without(written_in(node.condition, node.step, node.body))
            for each in (node.condition, node.step):
                if each is not None:
                    self.expression(each, inside, domain.where(None))
            self.statement(node.body, inside, _with_jumps(node.body, unknown))
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
        self.statement(node.body, inside, _with_jumps(node.body, narrowed))

    def _is_special(self, loop: CountedLoop) -> bool:
        return loop.counter.is_shared_storage or (
            loop.counter.key in self._program.address_taken
        )

    def _note_unevenness(self, loop: CountedLoop, frame: Frame) -> None:
        counter = self._trace.counter
        is_listed = False

        def depends(node: Expression) -> bool:
            nonlocal is_listed
            lowering = self.resolver(frame).lowering
            found = lowering.value(node)
            if found is None:
                is_listed |= any(isinstance(each, Subscript) for each in walk(node))
                return any(self._is_data(each) for each in walk(node))
            # Quotients and the like have symbols of their own.
            return counter in found.symbols or (
                not found.symbols.isdisjoint(lowering.symbols)
                and any(counter in condition_symbols(e) for e in lowering.conditions)
            )

        if is_even(loop, depends):
            return
        if is_listed:
            self._trace.inner_listed = True
        else:
            self._trace.inner_uneven = True

    def _is_data(self, node: Node) -> bool:
        """Tell whether a part of a bound may differ between iterations."""
        if isinstance(node, VarRef):
            return node.variable.key in self._writes.varying
        return isinstance(node, Subscript | Call)

    def follow(
        self, function: Function, node: Call, frame: Frame, domain: Domain
    ) -> None:
        """Trace the body of a function of the file that is called."""
        if function in self._stack:
            # How deep it goes depends on what each iteration gives it.
            self._trace.inner_uneven = True
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
            target = resolver.lasting_location(argument)
            return inside.with_reference(parameter, target)
        if self._is_taken(parameter):
            return inside
        if kind is Kind.POINTER:
            address = resolver.lasting_pointer(parameter, argument)
            inside = inside.with_pointer(parameter, address)
            return inside.with_value(parameter, resolver.referred(argument))
        if kind is not Kind.INTEGER:
            return inside
        value = resolver.lowering.value(argument)
        if resolver.lowering.symbols:
            value = None
        return inside.with_value(parameter, value)

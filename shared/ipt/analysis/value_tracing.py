"""Follows what integer and pointer variables hold, as far as it can be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.expression_tracing import ExpressionTracer
from ipt.analysis.locations import Address, Deref, Location
from ipt.analysis.polynomials import Comparison, Polynomial, compare
from ipt.analysis.stepping import even_moves, written_in
from ipt.model import Expression, Kind, Variable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.domains import Domain
    from ipt.analysis.frames import Frame
    from ipt.analysis.polynomials import Condition
    from ipt.analysis.stepping import Move

__all__ = ["ValueTracer"]


class ValueTracer(ExpressionTracer):
    """Knows how assignments and the iterations of loops change a frame."""

    def learn(self, variable: Variable, value: Expression, frame: Frame) -> Frame:
        """Remember what a variable holds from here on."""
        if variable.is_shared_storage or self._is_taken(variable):
            return frame
        resolver = self.resolver(frame)
        if variable.ctype.kind is Kind.POINTER:
            address = resolver.lasting_pointer(variable, value)
            frame = frame.with_pointer(variable, address)
            return frame.with_value(variable, resolver.referred(value))
        if variable.ctype.kind is not Kind.INTEGER:
            return frame
        found = resolver.lowering.value(value)
        if resolver.lowering.symbols:
            # Helper symbols would have to follow the variable; rare enough.
            found = None
        return frame.with_value(variable, found)

    def _is_taken(self, variable: Variable) -> bool:
        return variable.key in self._program.address_taken

    def moved(self, moves: Iterable[Move | None], frame: Frame) -> Frame:
        """Return what holds when variables have moved once."""
        for move in moves:
            if move is not None:
                amount = self._amount(move, frame)
                frame = self._placed(move.variable, amount, frame, frame)
        return frame

    def _amount(self, move: Move, frame: Frame) -> Polynomial | None:
        if move.amount is None:
            found: Polynomial | None = Polynomial.constant(1)
        else:
            lowering = self.resolver(frame).lowering
            found = lowering.value(move.amount)
            found = None if lowering.symbols else found
        return -found if found is not None and move.is_minus else found

    def _placed(
        self,
        variable: Variable,
        distance: Polynomial | None,
        start: Frame,
        frame: Frame,
    ) -> Frame:
        """Return a frame in which a variable lies a distance from where it started."""
        if distance is None or self._is_taken(variable):
            return frame.without([variable.key])
        if variable.ctype.kind is Kind.POINTER:
            address = start.pointers.get(variable.key)
            moved = None if address is None else address.moved(distance)
            return frame.with_pointer(variable, moved)
        value = start.values.get(variable.key)
        return frame.with_value(variable, None if value is None else value + distance)

    def at_start(self, loop: CountedLoop, frame: Frame) -> Frame:
        """Return what is known in front of the loop that is traced.

        What each of its iterations moves by one amount begins with a value
        that has a symbol.
        """
        for move in even_moves(loop.loop).values():
            variable = move.variable
            if self._is_taken(variable):
                continue
            amount = self._amount(move, frame)
            if amount is None or amount.value is None or loop.step is None:
                continue
            if variable.ctype.kind is Kind.POINTER:
                block = Location(variable, (Deref(),))
                start = Address(block, Polynomial.constant(0))
                frame = frame.with_pointer(variable, start)
            else:
                symbol = Polynomial.symbol(self._trace.names.parameter(variable))
                frame = frame.with_value(variable, symbol)
            self._trace.linear[variable] = amount.value
        return frame

    def counted(
        self, loop: CountedLoop, symbol: str, frame: Frame, domain: Domain
    ) -> tuple[Frame, Domain]:
        """Return frame and domain inside a counted loop."""
        self._trace.loops[symbol] = loop
        value = Polynomial.symbol(symbol)
        before = self.resolver(frame).lowering
        lower = before.value(loop.lower)
        inside = frame.without(written_in(loop.loop))
        inside = inside.with_value(loop.counter, value)
        after = self.resolver(inside).lowering
        test = after.condition(loop.test)
        conditions: list[Condition | None] = [*before.conditions, *after.conditions]
        symbols = [symbol, *before.symbols, *after.symbols]
        if lower is None:
            conditions.append(None)
        else:
            conditions.append(compare(value, "<=" if loop.is_downward else ">=", lower))
            stride, turns = self._stride(loop, value, lower, symbols)
            conditions += stride
            inside = self._even(loop, turns, frame, inside)
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
    ) -> tuple[list[Condition | None], Polynomial | None]:
        """Return what a step says of the counter, and the number of the iteration."""
        if loop.step is None:
            return [None], None
        if loop.step in (1, -1):
            return [], Polynomial.constant(loop.step) * (value - lower)
        turn = self._trace.names.fresh("turn")
        symbols.append(turn)
        turns = Polynomial.symbol(turn)
        distance = Polynomial.constant(loop.step) * turns
        return [Comparison(value - lower - distance, "=")], turns

    def _even(
        self, loop: CountedLoop, turns: Polynomial | None, frame: Frame, inside: Frame
    ) -> Frame:
        """Return where the variables are that each iteration moves evenly."""
        for move in even_moves(loop.loop).values():
            amount = self._amount(move, frame)
            if amount is None or turns is None:
                continue
            inside = self._placed(move.variable, amount * turns, frame, inside)
        return inside

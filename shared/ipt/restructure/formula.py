"""The value of an induction variable, as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.restructure.header_text import operand_text, shifted

if TYPE_CHECKING:
    from ipt.analysis.canonical import CountedLoop
    from ipt.model import CType, Variable

__all__ = ["Formula"]

_INT_BITS = 32


@dataclass(frozen=True, slots=True)
class Formula:
    """A variable that grows by the same amount in every iteration of a nest.

    Attributes:
        variable: The variable.
        loops: The counted loops that it grows in, the outermost first.
        amount: What is added each time.
        start: What it holds before the loops; None if that is not known.
    """

    variable: Variable
    loops: tuple[CountedLoop, ...]
    amount: int
    start: int | None

    def after(self, extra: int) -> str:
        """Return its value in an iteration, after so many updates of this one."""
        turns = ""
        is_bare = self.start is not None and abs(self.amount) == 1
        for number, each in enumerate(self.loops):
            turn = _turn(each)
            if is_bare and len(self.loops) == 1:
                turn = self._typed(turn, each)
            if number + 1 < len(self.loops):
                width = _count(self.loops[number + 1])
                turn = f"{self._typed(turn, each)} * {_factor(width)}"
            # The counts are summed apart: with what stands before them a part
            # could be larger than the whole.
            turns = f"{turns} + {_grouped(turn)}" if turns else turn
        return self._sum(turns, extra * self.amount)

    @property
    def total(self) -> str:
        """The statement that adds the growth of all iterations."""
        counts = [_count(each) for each in self.loops]
        product = self._typed(counts[0], self.loops[0])
        product = " * ".join((product, *(_factor(each) for each in counts[1:])))
        op = "+=" if self.amount > 0 else "-="
        return f"{self.variable.name} {op} {self._times_amount(product)};"

    @property
    def has_iterations(self) -> str:
        """The condition under which the loops have iterations at all."""
        return " && ".join(
            f"{operand_text(each.lower)} {each.op} {operand_text(each.bound)}"
            for each in self.loops
        )

    def _sum(self, turns: str, extra: int) -> str:
        is_single = abs(self.amount) == 1
        turns = self._times_amount(turns)
        first = self.variable.name if self.start is None else str(self.start or "")
        sign = "+" if self.amount > 0 else "-"
        if first:
            if is_single:
                turns = _factor(turns) if sign == "-" else _grouped(turns)
            text = f"{first} {sign} {turns}"
        else:
            text = turns if sign == "+" else f"-{_factor(turns)}"
        return text if not extra else f"{text} {'+' if extra > 0 else '-'} {abs(extra)}"

    def _times_amount(self, count: str) -> str:
        amount = abs(self.amount)
        if amount == 1:
            return count
        return f"{amount}{_suffix(self.variable.ctype)} * {_factor(count)}"

    def _typed(self, text: str, loop: CountedLoop) -> str:
        """Return a factor with the type of the variable."""
        ctype = self.variable.ctype
        if ctype.spelling != loop.counter.ctype.spelling:
            return f"({ctype.spelling}){_factor(text)}"
        return text if len(self.loops) == 1 else _factor(text)


def _factor(text: str) -> str:
    return f"({text})" if " " in text else text


def _grouped(text: str) -> str:
    """Return a difference so that it is computed before what stands around it."""
    return f"({text})" if " - " in text else text


def _suffix(ctype: CType) -> str:
    sign = "" if ctype.is_signed else "u"
    return sign + ("l" if ctype.bits > _INT_BITS else "")


def _turn(loop: CountedLoop) -> str:
    """Return how many iterations of a loop were before."""
    name = loop.counter.name
    if loop.is_downward:
        return f"{operand_text(loop.lower)} - {name}"
    lower = constant_value(loop.lower)
    return name if lower == 0 else f"{name} - {operand_text(loop.lower)}"


def _count(loop: CountedLoop) -> str:
    """Return how many iterations a loop has, if it has any."""
    low, high = loop.lower, loop.bound
    if loop.is_downward:
        low, high = high, low
    extra = 1 if loop.op in ("<=", ">=") else 0
    return shifted(high, operand_text(high), extra - (constant_value(low) or 0))

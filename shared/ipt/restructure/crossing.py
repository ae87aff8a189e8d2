"""Variables of a loop's body that are used on both sides of a cut.

Their declaration is repeated if it can be computed anew, or they become an
array with an element for each iteration (scalar expansion; Kennedy & Allen,
section 5.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ipt.analysis.canonical import constant_value
from ipt.model import Declaration, Declarator, VarRef, walk
from ipt.restructure.exact import (
    as_written,
    is_exact,
    is_repeatable,
    plain_declaration,
    references,
)
from ipt.restructure.layout import fresh_name, plain_text
from ipt.source import Insertion, Replacement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Statement, Variable
    from ipt.restructure.ordering import Ordering
    from ipt.restructure.study import Study
    from ipt.source import Edit

__all__ = ["Crossing"]

_MOST_BYTES = 65_536


@dataclass(frozen=True, slots=False, eq=False)
class Crossing:
    """What the body of one loop declares, and how it can be had twice."""

    study: Study
    ordering: Ordering

    @cached_property
    def declared(self) -> dict[Variable, int]:
        """The variables that the body declares, by the number of the statement."""
        return {
            node.variable: number
            for number, statement in enumerate(self.study.statements)
            if isinstance(statement, Declaration)
            for node in walk(statement)
            if isinstance(node, Declarator)
        }

    @cached_property
    def copied(self) -> frozenset[Variable]:
        """The variables whose declaration can be repeated in a second loop."""
        found: set[Variable] = set()
        for number, statement in enumerate(self.study.statements):
            if self._can_repeat(number, statement, found):
                plain = plain_declaration(statement)
                assert plain is not None  # noqa: S101 - _can_repeat has looked
                found.add(plain[0])
        return frozenset(found)

    def _can_repeat(
        self, number: int, statement: Statement, known: set[Variable]
    ) -> bool:
        study, ordering = self.study, self.ordering
        plain = plain_declaration(statement)
        if plain is None or study.writes.counts[plain[0].key] != 1:
            return False
        variable, value = plain
        if study.is_public(variable) or not (is_repeatable(value) or is_exact(value)):
            return False
        for node in walk(value):
            if not isinstance(node, VarRef) or node.variable in known:
                continue
            if node.variable == study.counted.counter or not node.ctype.is_scalar:
                continue
            if node.variable in self.declared or study.may_change(node.variable):
                return False
        accesses = ordering.within([study.text.statements[number]])
        reads = [each for each in accesses if not each.is_write]
        writes = [each for each in ordering.trace.every if each.is_write]
        private = {study.counted.counter, *self.declared}
        return ordering.clash(reads, writes, private=private) is None

    def used(self, start: int, end: int) -> list[Variable]:
        """Return what earlier statements declare and those of a range use.

        What the repeated declarations need is among it, in order.
        """
        pending: list[Statement] = list(self.study.statements[start:end])
        found: set[Variable] = set()
        while pending:
            for node in walk(pending.pop()):
                if not isinstance(node, VarRef) or node.variable in found:
                    continue
                place = self.declared.get(node.variable, start)
                if place < start:
                    found.add(node.variable)
                    if node.variable in self.copied:
                        pending.append(self.study.statements[place])
        return sorted(found, key=self.declared.__getitem__)

    def reason(self, variable: Variable) -> str:
        """Return why a variable cannot be used on both sides, empty if it can."""
        if variable in self.copied or self.size(variable):
            return ""
        return f"{variable.name} is declared before the cut and used behind it"

    def size(self, variable: Variable) -> int:
        """Return the bytes of an array of its values, 0 if it cannot become one."""
        study, counted = self.study, self.study.counted
        plain = plain_declaration(study.statements[self.declared[variable]])
        lower, bound = constant_value(counted.lower), constant_value(counted.bound)
        if plain is None or plain[0] != variable or study.is_public(variable):
            return 0
        if lower is None or bound is None or counted.step != 1 or counted.op != "<":
            return 0
        uses = references(study.loop, {variable})
        if any(each.span.text != variable.name for each in uses):
            return 0
        total = (bound - lower) * variable.ctype.bits // 8
        return total if 0 < total <= _MOST_BYTES else 0

    def copies(self, start: int, end: int) -> list[str]:
        """Return the declarations to repeat in front of some statements."""
        return [
            plain_text(self.study.text.statements[self.declared[each]])
            for each in self.used(start, end)
            if each in self.copied
        ]

    def expanded(self, cuts: Sequence[int]) -> list[Variable]:
        """Return the variables that become arrays."""
        ends = [*cuts[1:], len(self.study.statements)]
        found = {
            each
            for start, end in zip(cuts, ends, strict=True)
            for each in self.used(start, end)
            if each not in self.copied
        }
        return sorted(found, key=self.declared.__getitem__)

    def expansion(self, variable: Variable) -> list[Edit]:
        """Return the edits that make a variable an array."""
        study, counted = self.study, self.study.counted
        text, lower = study.text, constant_value(counted.lower) or 0
        count = (constant_value(counted.bound) or 0) - lower
        name = fresh_name(f"{variable.name}_of", text.source)
        index = counted.counter.name + (f" - {lower}" if lower > 0 else "")
        index += f" + {-lower}" if lower < 0 else ""
        element = f"{name}[{index}]"
        plain = plain_declaration(study.statements[self.declared[variable]])
        assert plain is not None  # noqa: S101 - size has looked
        declaration = text.statements[self.declared[variable]]
        value = as_written(plain[1]).span.start
        line = f"{text.indent}{variable.ctype.spelling} {name}[{count}];"
        found: list[Edit] = [
            Insertion(text.source.line_start(text.span.start), (line,)),
            Replacement(declaration.start, value, f"{element} = ".encode()),
        ]
        return found + [
            Replacement(each.span.start, each.span.end, element.encode())
            for each in references(study.loop, {variable})
        ]

"""What is known of values that do not change during a loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.lowering import Lowering, Symbols
from ipt.analysis.polynomials import Comparison, Polynomial
from ipt.analysis.writes import Writes, find_writes
from ipt.model import Declarator, Kind, Scope, Variable, walk

if TYPE_CHECKING:
    from ipt.analysis.polynomials import Condition
    from ipt.model import Function, Program

__all__ = ["parameter_facts"]


def parameter_facts(
    function: Function, names: Symbols, program: Program
) -> list[Condition]:
    """Return what the initialisers of unchanging local variables say.

    `int m = n - 1;` holds for good if neither is ever assigned again.
    """
    writes = find_writes(function.body, program)
    found: list[Condition] = []
    for node in walk(function.body):
        if not isinstance(node, Declarator) or node.init is None:
            continue
        if not _is_fixed(node.variable, writes, program, times=1):
            continue
        lowering = Lowering(
            lambda variable: _fixed_value(variable, names, writes, program), names
        )
        value = lowering.value(node.init)
        if value is None or lowering.symbols:
            continue
        symbol = Polynomial.symbol(names.parameter(node.variable))
        found.append(Comparison(symbol - value, "="))
    return found


def _is_fixed(variable: Variable, writes: Writes, program: Program, times: int) -> bool:
    return (
        variable.ctype.kind is Kind.INTEGER
        and variable.scope in (Scope.LOCAL, Scope.PARAMETER)
        and writes.counts[variable.key] == times
        and variable.key not in program.address_taken
    )


def _fixed_value(
    variable: Variable, names: Symbols, writes: Writes, program: Program
) -> Polynomial | None:
    times = 1 if variable.scope is Scope.LOCAL else 0
    if not _is_fixed(variable, writes, program, times):
        return None
    return Polynomial.symbol(names.parameter(variable))

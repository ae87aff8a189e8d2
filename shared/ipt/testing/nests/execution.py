"""What a run of a nest does to memory, access by access."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.testing.nests.references import Affine, Cell, Environment, Ref

__all__ = ["Access", "Run"]


@dataclass(frozen=True, slots=True)
class Access:
    """One access to memory.

    Attributes:
        cell: The place.
        time: How many accesses came before.
        where: Run and iteration of every loop around, by the loop's number.
        is_write: Whether it writes.
        op: The operator, where it is half of an accumulation.
    """

    cell: Cell
    time: int
    where: dict[int, tuple[int, int]]
    is_write: bool = False
    op: str = ""


@dataclass(slots=True)
class Run:
    """The accesses of one run, in their order.

    Attributes:
        trips: For every loop, the number of iterations of each of its runs.
        ends: For every loop, the time at which each of its runs ended.
    """

    accesses: list[Access] = field(default_factory=list)
    trips: dict[int, list[int]] = field(default_factory=dict)
    ends: dict[int, list[int]] = field(default_factory=dict)
    where: dict[int, tuple[int, int]] = field(default_factory=dict)

    def _add(self, cell: Cell, op: str = "", *, is_write: bool = False) -> None:
        self.accesses.append(Access(cell, len(self.accesses), self.where, is_write, op))

    def read(self, ref: Ref, environment: Environment, op: str = "") -> None:
        """Note that a reference is read, and what its subscripts read."""
        self.read_indices(*ref.subscripts)
        self._add(ref.cell(environment), op)

    def write(self, ref: Ref, environment: Environment, op: str = "") -> None:
        """Note that a reference is written, and what its subscripts read."""
        self.read_indices(*ref.subscripts)
        self._add(ref.cell(environment), op, is_write=True)

    def read_indices(self, *values: Affine) -> None:
        """Note the index variables that are read."""
        for each in values:
            for name, _ in each.terms:
                if name.startswith("m"):
                    self._add((name, 0, 0))

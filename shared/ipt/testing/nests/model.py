"""What a nest is: its text in C, and a run of it as a list of accesses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "GLOBALS",
    "OFFSET",
    "SIZE",
    "Access",
    "Affine",
    "Assign",
    "Guard",
    "If",
    "Loop",
    "Nest",
    "Ref",
    "Run",
    "SetIndex",
    "Statement",
]

OFFSET = 300
SIZE = 600
GLOBALS = f"double a[{SIZE}], b[{SIZE}][{SIZE}];\n"
Environment = dict[str, int]
Cell = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Affine:
    """A sum of multiples of variables and a constant."""

    terms: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    def value(self, environment: Environment) -> int:
        """Return the value for values of the variables."""
        return self.constant + sum(
            factor * environment[name] for name, factor in self.terms
        )

    @property
    def text(self) -> str:
        """The expression in C."""
        parts = [
            name if factor == 1 else f"{factor} * {name}" for name, factor in self.terms
        ]
        if self.constant or not parts:
            parts.append(str(self.constant))
        return " + ".join(parts).replace("+ -", "- ")

    def shifted(self, by: int) -> Affine:
        """Return the sum with a constant."""
        return Affine(self.terms, self.constant + by)


@dataclass(frozen=True, slots=True)
class Ref:
    """A variable, or an element of an array.

    Attributes:
        name: Its name.
        subscripts: None for a variable, one or two for an array.
        is_flat: Whether two subscripts are written `[x * n + y]`.
    """

    name: str
    subscripts: tuple[Affine, ...] = ()
    is_flat: bool = False

    def cell(self, environment: Environment) -> Cell:
        """Return the place in memory."""
        values = [each.value(environment) for each in self.subscripts]
        if self.is_flat:
            return self.name, values[0] * environment["n"] + values[1], 0
        return self.name, *[*values, 0, 0][:2]  # type: ignore[return-value]

    @property
    def text(self) -> str:
        """The expression in C."""
        if self.is_flat:
            row, column = (each.text for each in self.subscripts)
            return f"{self.name}[({row}) * n + {column}]"
        return self.name + "".join(
            f"[{each.shifted(OFFSET).text}]" for each in self.subscripts
        )


@dataclass(frozen=True, slots=True)
class Guard:
    """`left op 0`, or `left % modulus == 0`."""

    left: Affine
    op: str
    modulus: int = 0

    def holds(self, environment: Environment) -> bool:
        """Evaluate the guard as C does."""
        value = self.left.value(environment)
        if self.modulus:
            return value % self.modulus == 0
        checks = {"<": value < 0, ">=": value >= 0, "==": value == 0, "!=": value != 0}
        return checks[self.op]

    @property
    def text(self) -> str:
        """The guard in C."""
        if self.modulus:
            return f"({self.left.text}) % {self.modulus} == 0"
        return f"{self.left.text} {self.op} 0"


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


@dataclass(frozen=True, slots=True)
class Assign:
    """`target = 1.0 + reads`, or an accumulation by `op`."""

    target: Ref
    reads: tuple[Ref, ...]
    op: str = ""

    def run(self, run: Run, environment: Environment) -> None:
        """Do it."""
        reads, op = list(self.reads), self.op
        if not op and reads.count(self.target) == 1:
            # `t = 1.0 + x + t` is an accumulation too.
            reads.remove(self.target)
            op = "+"
        for each in reads:
            run.read(each, environment)
        if op:
            run.read(self.target, environment, op)
        run.write(self.target, environment, op)

    def lines(self, indent: str) -> Iterator[str]:
        """Yield the text."""
        value = " + ".join(["1.0", *(each.text for each in self.reads)])
        target = self.target.text
        if self.op in ("min", "max"):
            compare = "<" if self.op == "min" else ">"
            yield f"{indent}if ({value} {compare} {target}) {target} = {value};"
        else:
            yield f"{indent}{target} {self.op}= {value};"


@dataclass(frozen=True, slots=True)
class SetIndex:
    """`m = subscript`: a variable for use in subscripts."""

    name: str
    value: Affine

    def run(self, run: Run, environment: Environment) -> None:
        """Do it."""
        run.read_indices(self.value)
        environment[self.name] = self.value.value(environment)
        run.write(Ref(self.name), environment)

    def lines(self, indent: str) -> Iterator[str]:
        """Yield the text."""
        yield f"{indent}{self.name} = {self.value.text};"


@dataclass(frozen=True, slots=True)
class If:
    """Statements under a guard."""

    guard: Guard
    body: tuple[Statement, ...]

    def run(self, run: Run, environment: Environment) -> None:
        """Do it."""
        run.read_indices(self.guard.left)
        if self.guard.holds(environment):
            for each in self.body:
                each.run(run, environment)

    def lines(self, indent: str) -> Iterator[str]:
        """Yield the text."""
        yield f"{indent}if ({self.guard.text}) {{"
        for each in self.body:
            yield from each.lines(indent + "  ")
        yield f"{indent}}}"


@dataclass(frozen=True, slots=True)
class Loop:
    """A counted loop.

    Attributes:
        number: Its place among the loops of the text, from 0.
        step: Negative to count down.
        declares: Whether its header declares the counter.
    """

    number: int
    counter: str
    low: Affine
    op: str
    bound: Affine
    step: int
    declares: bool
    body: tuple[Statement, ...]

    def values(self, environment: Environment) -> range:
        """Return the counter's values."""
        extra = {"<=": 1, ">=": -1}.get(self.op, 0)
        return range(
            self.low.value(environment),
            self.bound.value(environment) + extra,
            self.step,
        )

    def run(self, run: Run, environment: Environment) -> None:
        """Do it."""
        trips = run.trips.setdefault(self.number, [])
        values = self.values(environment)
        instance = len(trips)
        trips.append(len(values))
        around = run.where
        if not self.declares:
            run.write(Ref(self.counter), environment)
        for iteration, value in enumerate(values):
            environment[self.counter] = value
            run.where = {**around, self.number: (instance, iteration)}
            for each in self.body:
                each.run(run, environment)
        run.where = around
        run.ends.setdefault(self.number, []).append(len(run.accesses))

    def lines(self, indent: str) -> Iterator[str]:
        """Yield the text."""
        ctype = "int " if self.declares else ""
        name, step = self.counter, abs(self.step)
        sign = "+" if self.step > 0 else "-"
        advance = f"{name}{sign}{sign}" if step == 1 else f"{name} {sign}= {step}"
        test = f"{name} {self.op} {self.bound.text}"
        yield f"{indent}for ({ctype}{name} = {self.low.text}; {test}; {advance}) {{"
        for each in self.body:
            yield from each.lines(indent + "  ")
        yield f"{indent}}}"


Statement = Assign | SetIndex | If | Loop


@dataclass(frozen=True, slots=True)
class Nest:
    """A function with a nest of loops.

    Attributes:
        loop: The outermost loop.
        result: The variables that the function returns the sum of.
        is_affine: Whether no array is written as `[x * n + y]`.
    """

    loop: Loop
    result: tuple[str, ...]
    is_affine: bool

    @property
    def depth(self) -> int:
        """How many loops are in each other at most."""
        return _depth(self.loop)

    @property
    def text(self) -> str:
        """The program in C."""
        return GLOBALS + self.function("f")

    def function(self, name: str) -> str:
        """Return the text of the function.

        Args:
            name: Its name.
        """
        lines = [
            f"double {name}(int n, double *restrict c) {{",
            "  int i, j, k, m0 = 0, m1 = 0, m2 = 0;",
            "  double s = 0, t = 0, u = 0;",
            f"  double w[{SIZE}] = {{0}};",
            *self.loop.lines("  "),
            f"  return {' + '.join(('0', *self.result))};",
            "}",
        ]
        return "\n".join(lines) + "\n"

    def run(self, n: int) -> Run:
        """Return the accesses for one value of the parameter."""
        run, environment = Run(), {"n": n, "m0": 0, "m1": 0, "m2": 0}
        for name in ("s", "t", "u", "m0", "m1", "m2"):
            run.write(Ref(name), environment)
        self.loop.run(run, environment)
        for name in self.result:
            run.read(Ref(name), environment)
        # Whoever calls the function may look at what is not its own.
        kept = {each.cell for each in run.accesses if each.cell[0] in "abc"}
        end = len(run.accesses)
        run.accesses += [Access(each, end, {}) for each in sorted(kept)]
        return run


def _depth(statement: Statement) -> int:
    match statement:
        case Loop():
            return 1 + max(map(_depth, statement.body), default=0)
        case If():
            return max(map(_depth, statement.body), default=0)
        case _:
            return 0

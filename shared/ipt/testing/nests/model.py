"""What a nest is: loops and statements, as text in C, and run one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.testing.nests.execution import Access, Run
from ipt.testing.nests.references import SIZE, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.testing.nests.references import Affine, Environment, Guard

__all__ = ["GLOBALS", "Assign", "If", "Loop", "Nest", "SetIndex", "Statement"]

GLOBALS = f"double a[{SIZE}], b[{SIZE}][{SIZE}];\n"


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

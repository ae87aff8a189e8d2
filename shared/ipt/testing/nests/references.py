"""What the statements of a nest are made of: subscripts, variables, tests."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OFFSET", "SIZE", "Affine", "Cell", "Environment", "Guard", "Ref"]

OFFSET = 300
SIZE = 600
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

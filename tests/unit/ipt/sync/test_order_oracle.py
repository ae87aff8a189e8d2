"""Random critical pieces, done in other orders: what is proved must not differ.

Each piece is written in C for the analysis, and in Python for the oracle,
which does the iterations in several orders and compares what is left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ipt.analysis import AssumptionKind, Status
from ipt.testing import program_of
from tests.unit.ipt.sync.protecting import protected_verdict

ITERATIONS = 6
ORDERS = 12
PLACES = ("x", "y", "h[v]", "h[1]", "s.m", "s.k")
OPERATORS = ("+", "-", "*", "|", "&", "^")
MASK = 0xFFFFFFFF


def to_int(value: int) -> int:
    """Return the value that an `int` of 32 bits keeps."""
    value &= MASK
    return value - (1 << 32) if value >> 31 else value


@dataclass
class Writer:
    """Writes the same random statements in C and in Python."""

    random: Random
    c: list[str] = field(default_factory=list)
    python: list[str] = field(default_factory=list)
    places: tuple[str, ...] = ()

    def operand(self) -> str:
        """Return a value that the iteration has, or rarely a guarded one."""
        if self.random.random() < 0.07:
            return self.random.choice(self.places)
        return self.random.choice(("v", "i", "2", "3", "(v + 1)", "w"))

    def line(self, depth: int, c: str, python: str) -> None:
        """Add one line in both languages."""
        self.c.append(c)
        self.python.append("    " * depth + python)

    def update(self, depth: int) -> None:
        """Write an update or an assignment."""
        place, operator = self.random.choice(self.places), self.random.choice(OPERATORS)
        operand = self.operand()
        form = self.random.randrange(6)
        if form == 0:
            self.line(depth, f"{place}++;", f"{place} = to_int({place} + 1)")
        elif form == 1:
            self.line(
                depth,
                f"{place} {operator}= {operand};",
                f"{place} = to_int({place} {operator} {operand})",
            )
        elif form == 2:
            value = f"{place} {operator} {operand}"
            self.line(depth, f"{place} = {value};", f"{place} = to_int({value})")
        elif form == 3:
            value = f"{operand} {operator} {place}"
            self.line(depth, f"{place} = {value};", f"{place} = to_int({value})")
        elif form == 4:
            self.line(depth, f"{place} = 5;", f"{place} = 5")
        else:
            self.line(depth, f"{place} = {operand};", f"{place} = {operand}")

    def choice(self, depth: int) -> None:
        """Write an `if`, often one of the idioms."""
        place, operand = self.random.choice(self.places), self.operand()
        test = self.random.choice(("<", ">", "<=", ">="))
        form = self.random.randrange(4)
        if form == 0:
            condition = f"{operand} {test} {place}"
            self.line(depth, f"if ({condition}) {{", f"if {condition}:")
            self.line(depth + 1, f"{place} = {operand};", f"{place} = {operand}")
        elif form == 1:
            self.line(depth, f"if (!{place}) {{", f"if not {place}:")
            self.line(depth + 1, f"{place} = 7;", f"{place} = 7")
        elif form == 2:
            self.line(depth, f"if ({place} == 0) {{", f"if {place} == 0:")
            self.line(depth + 1, f"{place} = 5;", f"{place} = 5")
        else:
            condition = f"{operand} {test} 2"
            self.line(depth, f"if ({condition}) {{", f"if {condition}:")
            self.update(depth + 1)
        if self.random.random() < 0.5:
            self.update(depth + 1)
        self.c.append("}")

    def write(self) -> None:
        """Write one to three statements on one to three places."""
        self.places = tuple(self.random.sample(PLACES, self.random.randint(1, 3)))
        for _ in range(self.random.randint(1, 3)):
            if self.random.random() < 0.6:
                self.update(1)
            else:
                self.choice(1)


class Record:
    """The struct of the program."""

    m = k = 0


def results(body: str, seed: int) -> set[tuple[int, ...]]:
    """Return what is left after the iterations, for several orders of them."""
    scope: dict[str, object] = {"to_int": to_int}
    exec(  # noqa: S102 - a program that the test has written
        f"def step(x, y, h, s, i, v, w):\n{body}\n    return x, y", scope
    )
    step = scope["step"]
    random = Random(seed)  # noqa: S311 - the same orders for the same seed
    values = [(random.randrange(4), random.randrange(-3, 9)) for _ in range(ITERATIONS)]
    found = set()
    for number in range(ORDERS):
        order = list(range(ITERATIONS))
        if number:
            random.shuffle(order)
        x, y, h, s = 0, 3, [0, 1, 2, 0], Record()
        for i in order:
            x, y = step(x, y, h, s, i, *values[i])  # type: ignore[operator]  # made above
        found.add((x, y, *h, s.m, s.k))
    return found


@given(st.integers(min_value=0, max_value=1 << 40))
def test_what_is_proved_is_the_same_in_every_order(seed: int) -> None:
    """Without a question, no order of the iterations gives another result."""
    writer = Writer(Random(seed))  # noqa: S311 - the same program for the same seed
    writer.write()
    text = f"""
    struct s {{ int m, k; }};
    void f(int n, const int *restrict a, int *restrict h, struct s *restrict r,
           int *restrict out) {{
      int x = 0, y = 3; struct s s = *r;
      for (int i = 0; i < n; i++) {{
        int v = a[2 * i], w = a[2 * i + 1];
        {{ }}
        if (n) {{ {" ".join(writer.c)} }} //! critical
      }}
      out[0] = x; out[1] = y; out[2] = s.m; out[3] = s.k;
    }}"""

    verdict = protected_verdict(program_of(text))

    if verdict.status is Status.REFUSED or any(
        each.kind is AssumptionKind.ORDER for each in verdict.decisions
    ):
        return
    assert len(results("\n".join(writer.python), seed)) == 1, writer.c

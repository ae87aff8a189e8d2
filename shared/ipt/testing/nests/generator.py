"""Nests drawn from a source of randomness."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ipt.testing.nests.model import Assign, If, Loop, Nest, SetIndex, Statement
from ipt.testing.nests.references import Affine, Guard, Ref

if TYPE_CHECKING:
    from random import Random

__all__ = ["make_nest"]

_COUNTERS = "ijk"
_HALF, _OFTEN, _SOMETIMES, _SELDOM = 0.5, 0.3, 0.2, 0.07


def make_nest(random: Random) -> Nest:
    """Return a nest of one to three loops with one to four statements in each.

    Args:
        random: Where all choices come from.

    Returns:
        The nest.
    """
    return _Maker(random).nest()


class _Scope(NamedTuple):
    """What may be used in subscripts: counters, and index variables that are set."""

    counters: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()


class _Maker:
    """Draws the parts of one nest."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._loops = 0
        self._depth = random.choice([1, 2, 2, 2, 3])
        # Few arrays meet often; many hardly ever.
        self._arrays = random.choice(["a", "ab", "bw", "aw", "c", "abw"])
        self._scalars = random.choice(["", "", "t", "s", "st", "stu"])

    def nest(self) -> Nest:
        loop = self._loop(_Scope())
        result = [each for each in "su" if not self._is(_SOMETIMES)]
        if self._is(_OFTEN):
            result.append("t")
        return Nest(loop, tuple(result), "c" not in self._arrays)

    def _is(self, chance: float) -> bool:
        return self._random.random() < chance

    def _loop(self, scope: _Scope) -> Loop:
        number = self._loops
        self._loops += 1
        counter = _COUNTERS[len(scope.counters)]
        low, high = self._bounds(scope.counters)
        step = self._random.choice([1, 1, 1, 1, 2, 3])
        op = self._random.choice(["<", "<", "<="])
        if self._is(_SOMETIMES):
            low, high, step = high, low, -step
            op = op.replace("<", ">")
        declares = self._is(_HALF)
        body = self._body(scope._replace(counters=(*scope.counters, counter)))
        return Loop(number, counter, low, op, high, step, declares, body)

    def _bounds(self, counters: tuple[str, ...]) -> tuple[Affine, Affine]:
        random = self._random
        low = Affine((), random.choice([0, 0, 0, 1, 2]))
        high = random.choice(
            [Affine((("n", 1),), random.choice([0, 0, -1, -2])), Affine((), 5)]
        )
        if counters and self._is(_OFTEN):
            edge = Affine(((random.choice(counters), 1),), random.choice([0, 0, 1]))
            return (edge, high) if self._is(_HALF) else (low, edge)
        return low, high

    def _body(self, scope: _Scope) -> tuple[Statement, ...]:
        random = self._random
        body: list[Statement] = []
        if self._is(_SOMETIMES):
            name = f"m{len(scope.counters) - 1}"
            body.append(SetIndex(name, self._affine(scope)))
            scope = scope._replace(indices=(*scope.indices, name))
        first = len(body)
        is_inner = len(scope.counters) == self._depth
        for _ in range(random.choice([1, 1, 2, 3] if is_inner else [0, 0, 1, 2])):
            statement: Statement = self._assignment(scope)
            if self._is(_SOMETIMES):
                statement = If(self._guard(scope), (statement,))
            body.append(statement)
        if not is_inner:
            body.insert(random.randint(first, len(body)), self._loop(scope))
            if self._is(_SOMETIMES):
                body.append(self._loop(scope))
        return tuple(body)

    def _assignment(self, scope: _Scope) -> Assign:
        random = self._random
        reads = tuple(self._read(scope) for _ in range(random.choice([0, 1, 1, 2])))
        if not self._scalars or self._is(_HALF):
            op = random.choice(["", "", "", "", "+"])
            return Assign(self._element(scope), reads, op)
        name = random.choice(self._scalars)
        if name == "t":
            return Assign(Ref(name), reads)
        op = "+" if name == "s" else random.choice(["max", "max", "*"])
        others = tuple(each for each in reads if each.name != name)
        return Assign(Ref(name), others, op)

    def _read(self, scope: _Scope) -> Ref:
        if "t" in self._scalars and self._is(_OFTEN):
            return Ref("t")
        if "s" in self._scalars and self._is(_SELDOM):
            return Ref("s")
        return self._element(scope)

    def _element(self, scope: _Scope) -> Ref:
        name = self._random.choice(self._arrays)
        counters = scope.counters
        if name in "aw":
            return Ref(name, (self._affine(scope),))
        if name == "c":
            row = self._affine(_Scope(counters[:1]))
            return Ref(name, (row, self._affine(_Scope(counters[1:]))), is_flat=True)
        if self._is(_HALF):
            # Mostly as people write it.
            row = self._plain(counters[0])
            return Ref(name, (row, self._plain(counters[-1])))
        return Ref(name, (self._affine(scope), self._affine(scope)))

    def _plain(self, counter: str) -> Affine:
        return Affine(((counter, 1),), self._random.choice([0, 0, 0, 1, -1]))

    def _affine(self, scope: _Scope) -> Affine:
        random = self._random
        terms: list[tuple[str, int]] = []
        for each in scope.counters:
            factor = random.choice([0, 1, 1, 1, 1, 2, -1])
            if factor:
                terms.append((each, factor))
        if scope.indices and self._is(_HALF):
            terms.append((random.choice(scope.indices), 1))
        if self._is(_SELDOM):
            terms.append(("n", 1))
        return Affine(tuple(terms), random.choice([0, 0, 0, 1, -1, 2, -3]))

    def _guard(self, scope: _Scope) -> Guard:
        op = self._random.choice(["<", ">=", "==", "!=", "%"])
        left = self._affine(scope)
        if op == "%":
            return Guard(left, op, self._random.choice([2, 3]))
        return Guard(left, op)

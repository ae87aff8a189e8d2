"""What is known of the order of iterations, update by update."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.sync.forms import base_of
from ipt.analysis.sync.places import path_parts, route_of
from ipt.model import Kind, text_of

if TYPE_CHECKING:
    from ipt.analysis.sync.forms import AtomicForm
    from ipt.analysis.sync.places import Places, Route
    from ipt.model import Expression, Node

__all__ = [
    "ASSIGNED",
    "CLASSES",
    "TRUTH",
    "OrderEffects",
    "OrderRecord",
    "named",
    "set_to",
]

# What updates of each operator are: those of one class can change places.
CLASSES = {"+": "+", "-": "+", "*": "*", **{op: op for op in ("&", "|", "^")}}
TRUTH = ("&&", "||")
ASSIGNED = "="
_COMMUTING = ("+", "*", "&", "|", "^")
_EXTREMES = ("min", "max")


@dataclass
class OrderEffects:
    """What the order of iterations changes; filled by an `OrderRecord`.

    Attributes:
        kept: Names of what holds a value that depends on the order.
        rounded: Names of floating-point sums and products.
        wrong: What another order computes in another way, and the name of it.
    """

    kept: set[str] = field(default_factory=set)
    rounded: set[str] = field(default_factory=set)
    wrong: list[tuple[Node, str]] = field(default_factory=list)


class OrderRecord:
    """Collects the updates of guarded places; owns the effects on the way."""

    def __init__(self, places: Places) -> None:
        """Begin with nothing known.

        Args:
            places: What is guarded.
        """
        self.effects = OrderEffects()
        self._places = places
        # The operators that each place is updated with, and where.
        self._updates: dict[Route, list[tuple[str, Expression]]] = defaultdict(list)

    def keep(self, target: Expression) -> None:
        """Note that a value depends on the order."""
        self.effects.kept.add(named(target))

    def refuse(self, node: Node, target: Expression) -> None:
        """Note that another order computes another result."""
        self.effects.wrong.append((node, text_of(target)))

    def note(self, kind: str, target: Expression) -> None:
        """Note an update of a place, and of which kind it is."""
        route = route_of(target)
        if route is None:
            self.keep(target)
        else:
            self._updates[route].append((kind, target))
        if any(self._places.are_used_in(each) for each in path_parts(target)):
            self.keep(target)

    def capture(self, form: AtomicForm) -> None:
        """Note what a capture does to its place; that it is taken is known."""
        if form.op:
            is_fixed = form.is_reversed and form.op not in _COMMUTING
            kind = form.op if is_fixed else CLASSES.get(form.op, form.op)
            if is_fixed:
                self.refuse(form.target, form.target)
            self.note(kind, form.target)
        elif form.value is not None:
            self.note(ASSIGNED, form.target)

    def finish(self) -> OrderEffects:
        """Compare the updates of each place with each other."""
        for updates in self._updates.values():
            kinds = {kind for kind, _ in updates}
            _, first = updates[0]
            if len(kinds) > 1 and not all(map(_is_assignment, kinds)):
                node = next(n for kind, n in updates if kind != updates[0][0])
                self.effects.wrong.append((node, text_of(first)))
            elif len(kinds) > 1 or ASSIGNED in kinds:
                self.keep(first)
            elif not kinds <= {*CLASSES.values(), *TRUTH, *_EXTREMES} and not all(
                map(_is_assignment, kinds)
            ):
                self.refuse(first, first)
            elif kinds & {"+", "*"} and first.ctype.kind is Kind.FLOATING:
                self.effects.rounded.add(text_of(first))
        return self.effects


def named(target: Expression) -> str:
    """Return the name of the object that a target is in."""
    base = base_of(target)
    return text_of(target) if base is None else base.name


def set_to(value: int) -> str:
    """Return the kind of an update that sets one value, whoever does it."""
    return f"{ASSIGNED}{value}"


def _is_assignment(kind: str) -> bool:
    return kind.startswith(ASSIGNED)

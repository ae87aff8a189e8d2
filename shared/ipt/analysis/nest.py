"""Which statement of a loop nest touches which memory, inside which loops."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

from ipt.analysis.aliasing import may_share
from ipt.analysis.locations import BITS, UNION
from ipt.analysis.writes import find_writes
from ipt.model import (
    Block,
    Case,
    Declaration,
    DoWhile,
    Evaluate,
    For,
    If,
    Jump,
    Kind,
    Label,
    OpaqueStatement,
    Statement,
    Switch,
    While,
    parents_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.analysis.analyzer import Analyzer
    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.locations import Access, Base
    from ipt.analysis.tracing import Trace
    from ipt.analysis.writes import Writes
    from ipt.model import Function, Node, Variable
    from ipt.source import Span

__all__ = ["Nest", "Touch"]

_STATEMENTS = (
    Declaration,
    Evaluate,
    If,
    For,
    While,
    DoWhile,
    Switch,
    Jump,
    Case,
    Label,
    OpaqueStatement,
)
_MOST = 1000
_UNCOUNTED = (While, DoWhile, OpaqueStatement)


@dataclass(frozen=True, slots=True, eq=False)
class Touch:
    """An access by a statement of the nest's own text.

    Attributes:
        around: The statements around it, from the nest inward, itself included.
    """

    access: Access
    statement: Statement
    around: tuple[Node, ...]

    @property
    def base(self) -> Base:
        """The block of memory."""
        assert self.access.location is not None  # noqa: S101 - has_unknown is asked first
        return self.access.location.split[0]

    @property
    def name(self) -> str:
        """The block's name for people."""
        return self.base.display

    @property
    def plain_variable(self) -> Variable | None:
        """The variable, if it is accessed by its name and has no elements."""
        location = self.access.location
        if location is None or not location.is_whole_variable or self.access.calls:
            return None
        return location.root


class Nest:
    """The accesses of one traced loop by statement."""

    def __init__(
        self, analyzer: Analyzer, function: Function, counted: CountedLoop, trace: Trace
    ) -> None:
        self._analyzer = analyzer
        self._function = function
        self._root = counted.loop
        self._loops = {loop.loop: symbol for symbol, loop in trace.loops.items()}
        self._trace = trace
        self._owners = [n for n in walk(counted.loop) if isinstance(n, _STATEMENTS)]
        self._starts: dict[Statement, Statement] = {
            each.init: each
            for each in walk(counted.loop)
            if isinstance(each, For) and each.init is not None
        }
        self._paths: dict[Statement, tuple[Node, ...]] = {}
        self.has_unknown = self._has_unknown(find_writes(counted.loop, analyzer.program))
        self._touches = [] if self.has_unknown else list(self._found())

    def _has_unknown(self, writes: Writes) -> bool:
        """Tell whether a pointer cannot be followed, or may change in memory."""
        accesses = self._trace.every
        if len(accesses) > _MOST or any(each.location is None for each in accesses):
            return True
        bases = {each.location.split[0] for each in accesses if each.location}
        inner = [each for each in bases if not each.is_plain]
        changes = any(
            each.is_write and each.ctype.kind in (Kind.POINTER, Kind.RECORD, Kind.UNION)
            for each in accesses
        )
        is_set = any(part in writes.fields for each in inner for part in each.path)
        return bool(inner) and (changes or is_set)

    def pairs(self) -> Iterator[tuple[Touch, Touch]]:
        """Yield the pairs that may touch the same memory, in order of evaluation."""
        for first, second in combinations_with_replacement(self._touches, 2):
            is_written = first.access.is_write or second.access.is_write
            if is_written and self._may_meet(first, second):
                yield first, second

    def common(self, first: Touch, second: Touch) -> tuple[For, ...]:
        """Return the counted loops around both, the outermost first."""
        return tuple(
            each
            for each in first.around
            if isinstance(each, For)
            and each in self._loops
            and each in second.around
            and self._is_inside(first, each)
            and self._is_inside(second, each)
        )

    def _is_inside(self, touch: Touch, loop: For) -> bool:
        return self._loops[loop] in touch.access.domain.symbols

    def share_uncounted(self, first: Touch, second: Touch) -> bool:
        """Tell whether a loop without a counter is around both."""
        return any(
            each in second.around
            for each in first.around
            if isinstance(each, _UNCOUNTED)
            or (isinstance(each, For) and each not in self._loops)
        )

    def counter(self, loop: For) -> tuple[str, bool]:
        """Return the symbol of a loop's counter, and whether it counts down."""
        symbol = self._loops[loop]
        return symbol, self._trace.loops[symbol].is_downward

    def step(self, loop: For) -> int | None:
        """Return the step of a loop, None if it is not a constant."""
        return self._trace.loops[self._loops[loop]].step

    def symbols_around(self, touch: Touch) -> list[str]:
        """Return the counters around the declaration of a touched variable.

        Another iteration of these loops has another variable.
        """
        if touch.base.is_pointer:
            return []
        variable = touch.base.variable
        return [
            self._loops[each]
            for each in touch.around
            if isinstance(each, For)
            and each in self._loops
            and not variable.is_shared_storage
            and variable.is_declared_in(each.span)
        ]

    def is_reachable(self, variable: Variable) -> bool:
        """Tell whether other code may touch a variable too."""
        program = self._analyzer.program
        return variable.is_shared_storage or program.is_reachable(variable)

    def is_one_block(self, first: Touch, second: Touch) -> bool:
        """Tell whether both lie in one block, so that subscripts can be compared."""
        return first.base == second.base

    def _may_meet(self, first: Touch, second: Touch) -> bool:
        program = self._analyzer.program
        if first.base == second.base:
            return True
        is_overlaid = any(
            step in (UNION, BITS)
            for each in (first, second)
            if each.access.location
            for step in each.access.location.steps
        )
        if not is_overlaid and not may_share(
            program, first.access.ctype, second.access.ctype
        ):
            return False
        for each in (first, second):
            is_plain = not each.base.is_pointer
            if is_plain and not program.is_reachable(each.base.variable):
                return False
        return not self._analyzer.aliasing.are_distinct(
            self._function, self._root, first.base, second.base
        )

    def _found(self) -> Iterator[Touch]:
        own = self._function.span
        for access in self._trace.every:
            location = access.location
            assert location is not None  # noqa: S101 - has_unknown is asked first
            base = location.split[0]
            variable = location.root
            is_own = variable.is_shared_storage or variable.is_declared_in(own)
            if not base.is_pointer and not is_own:
                # A called function's own variable.
                continue
            statement = self._owner(
                access.calls[0] if access.calls else access.node.span
            )
            touch = Touch(access, statement, self._path(statement))
            if not self._is_counter(touch):
                yield touch

    def _is_counter(self, touch: Touch) -> bool:
        """Tell whether a touch is the reading of a counter by its own loop."""
        variable = touch.plain_variable
        return not touch.access.is_write and any(
            self._trace.loops[self._loops[each]].counter == variable
            for each in touch.around
            if isinstance(each, For) and each in self._loops
        )

    def _owner(self, span: Span) -> Statement:
        """Return the innermost statement that holds a span."""
        holding = [each for each in self._owners if each.span.contains(span)]
        found = min(
            reversed(holding),
            key=lambda each: each.span.end - each.span.start,
            default=self._root,
        )
        # The start of a loop belongs to the loop, not to its iterations.
        return self._starts.get(found, found)

    def _path(self, statement: Statement) -> tuple[Node, ...]:
        if statement not in self._paths:
            path = parents_of(self._root, statement)
            self._paths[statement] = (
                *(each for each in path if not isinstance(each, Block)),
                statement,
            )
        return self._paths[statement]

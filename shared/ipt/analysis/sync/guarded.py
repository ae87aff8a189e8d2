"""What protected statements share with other iterations.

Each protection is traced by itself.  What it writes and other iterations can
see is a *guarded object*: a variable, or a block of memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ipt.analysis.effects import EffectKind, effects_of
from ipt.analysis.exposure import Exposure, first_use_after, is_always_assigned
from ipt.analysis.lowering import Symbols
from ipt.analysis.protection import ProtectionKind
from ipt.analysis.reductions import same_value
from ipt.analysis.sync.forms import AtomicForm, atomic_forms
from ipt.analysis.tracing import trace_statements
from ipt.analysis.writes import find_writes
from ipt.model import Scope, Variable, VarRef, strip_casts, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.canonical import CountedLoop
    from ipt.analysis.locations import Access, Base, Location
    from ipt.analysis.protection import Protection
    from ipt.analysis.tracing import Trace
    from ipt.model import For, Function, Program, Statement

__all__ = ["Group", "Guarded", "Shared", "find_guarded", "is_own", "whole_of"]


@dataclass(frozen=True, slots=True)
class Shared:
    """One guarded object: a whole variable, or the memory behind one.

    Attributes:
        base: The block of memory, None for a variable.
    """

    variable: Variable
    base: Base | None = None

    @property
    def name(self) -> str:
        """Its name for people."""
        return self.variable.name if self.base is None else self.base.display


@dataclass(frozen=True, slots=True)
class Group:
    """One protection with what it does.

    Attributes:
        form: For atomics, the form.
        accesses: Everything that its statements access.
        written: The guarded objects that it changes.
        is_followed: Whether all its accesses and calls are understood.
    """

    protection: Protection
    form: AtomicForm | None
    accesses: tuple[Access, ...]
    written: frozenset[Shared]
    is_followed: bool = True

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The protected statements."""
        return self.protection.statements

    @property
    def exclusion(self) -> tuple[str, str]:
        """What keeps threads apart; equal for pieces that exclude each other."""
        kind = "atomic" if self.protection.is_atomic else self.protection.kind.value
        return kind, self.protection.name

    @property
    def line(self) -> int:
        """The line in which they begin."""
        return self.statements[0].span.line


@dataclass
class Guarded:
    """All protections of a loop; filled by `find_guarded`."""

    groups: list[Group] = field(default_factory=list)

    @property
    def shared(self) -> list[Shared]:
        """The guarded objects, in the order of the text."""
        found: dict[Shared, None] = {}
        for group in self.groups:
            for each in sorted(group.written, key=lambda shared: shared.name):
                found[each] = None
        return list(found)

    def users(self, shared: Shared) -> list[Group]:
        """Return the groups that may touch an object."""
        return [each for each in self.groups if _touches(each, shared)]


# Input and output, and hidden state.
_EFFECTS = ("IPT307", "IPT308")
_Places: TypeAlias = "tuple[Access, ...]"


def find_guarded(
    program: Program,
    function: Function,
    counted: CountedLoop,
    protections: Sequence[Protection],
) -> Guarded:
    """Trace what each protection does."""
    finder = _Finder(program, function, counted)
    return Guarded([finder.group(each) for each in protections])


def is_own(function: Function, loop: For, variable: Variable) -> bool:
    """Tell whether each iteration has a variable for itself by its declaration."""
    if variable.is_shared_storage:
        return False
    if variable.is_declared_in(loop.span):
        return True
    is_local = variable.scope in (Scope.LOCAL, Scope.PARAMETER)
    return is_local and not variable.is_declared_in(function.span)


class _Finder:
    def __init__(
        self, program: Program, function: Function, counted: CountedLoop
    ) -> None:
        self._program = program
        self._function = function
        self._loop = counted.loop
        self._writes = find_writes(counted.loop, program)
        self._names = Symbols()

    def group(self, protection: Protection) -> Group:
        trace = trace_statements(
            protection.statements, self._program, self._writes, self._names
        )
        accesses = tuple(trace.accesses)
        form = None
        if protection.is_atomic:
            form = next(
                (
                    each
                    for each in atomic_forms(protection.statements)
                    if each.kind is protection.kind
                ),
                None,
            )
        if form is not None:
            target = self._target(form, accesses)
            is_followed = target is not None
            written = frozenset() if target is None else frozenset({target})
            return Group(protection, form, accesses, written, is_followed)
        written = frozenset(
            shared
            for each in accesses
            if each.is_write
            and (shared := self._shared(each.location, protection.statements))
            is not None
        )
        # What is read there through an unknown pointer stays in the residual loop.
        is_followed = all(
            each.location is not None for each in accesses if each.is_write
        )
        is_followed = is_followed and self._explains(protection, trace)
        return Group(protection, None, accesses, written, is_followed)

    def _explains(self, protection: Protection, trace: Trace) -> bool:
        """Tell whether all that stopped the tracer are calls with known effects."""
        effects = effects_of(protection.statements, self._program)
        known = {e.call.name for e in effects if e.kind is not EffectKind.ANYTHING}
        return all(
            each.code in _EFFECTS and each.name in known for each in trace.obstacles
        )

    def _target(self, form: AtomicForm, accesses: _Places) -> Shared | None:
        target = strip_casts(form.target)
        for access in accesses:
            is_it = access.node is target or same_value(access.node, target)
            if is_it and access.location is not None:
                return whole_of(access.location)
        return None

    def _shared(
        self, location: Location | None, statements: Sequence[Statement]
    ) -> Shared | None:
        """Return the object that a write changes if other iterations can see it."""
        if location is None:
            return None
        found = whole_of(location)
        is_pointee = found.base is not None and found.base.is_pointer
        if not is_pointee and is_own(self._function, self._loop, found.variable):
            return None
        if found.base is None and self._is_temporary(found.variable, statements):
            return None
        return found

    def _is_temporary(
        self, variable: Variable, statements: Sequence[Statement]
    ) -> bool:
        """Tell whether each iteration sets a variable before it reads it."""
        if self._program.is_reachable(variable) or variable.is_shared_storage:
            return False
        exposure = Exposure(variable)
        exposure.visit(self._loop.body, frozenset())
        if exposure.reads:
            return False
        if first_use_after(self._function, self._loop, variable) is None:
            return True
        # What the rest of the iteration needs can only be its own.
        inside = {id(node) for each in statements for node in walk(each)}
        return is_always_assigned(self._loop, variable) and any(
            isinstance(node, VarRef)
            and node.variable == variable
            and id(node) not in inside
            for node in walk(self._loop.body)
        )


def whole_of(location: Location) -> Shared:
    """Return the object that a place is a part of."""
    if location.is_whole_variable:
        return Shared(location.root)
    return Shared(location.root, location.split[0])


def _touches(group: Group, shared: Shared) -> bool:
    """Tell whether a protection protects an object from others."""
    if shared in group.written:
        return True
    if group.protection.kind in (
        ProtectionKind.CRITICAL,
        ProtectionKind.ORDERED,
    ):
        return any(
            each.location is not None and whole_of(each.location) == shared
            for each in group.accesses
        )
    return False

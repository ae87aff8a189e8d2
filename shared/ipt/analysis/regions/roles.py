"""What each variable of a region becomes, for `default(none)`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.exposure import Exposure
from ipt.analysis.naming import is_each_threads_own
from ipt.analysis.regions.calm import is_calm, settings_of
from ipt.analysis.regions.draft import drafts_in
from ipt.analysis.regions.usage import (
    copied_names,
    counter_of,
    declared_by_threads,
    header_of,
    names,
    variables_of,
)
from ipt.findings import Finding
from ipt.model import Declaration, Declarator, VarRef, text_of, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.analysis.frames import Key
    from ipt.analysis.regions.draft import Draft
    from ipt.model import Function, Node, Program, Statement, Variable

__all__ = ["RegionRoles", "find_region_roles"]


@dataclass
class RegionRoles:
    """The variables of a region by role.

    Attributes:
        own: Keys of all variables that each thread has for itself.
    """

    shared: list[str] = field(default_factory=list)
    private: list[str] = field(default_factory=list)
    firstprivate: list[str] = field(default_factory=list)
    own: set[Key] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)


def find_region_roles(
    program: Program,
    function: Function,
    statements: Sequence[Statement],
    drafts: Sequence[Draft],
    even: frozenset[Key],
) -> RegionRoles:
    """Give every variable of a region its role.

    Args:
        program: The program.
        function: The function around the region.
        statements: What the region is around.
        drafts: Its drafts, each of a decided kind.
        even: The variables that all threads set evenly.

    Returns:
        The roles, with a finding for each variable that has none, and for each
        header that not every thread can evaluate for itself.
    """
    namer = _Namer(program, function, statements, drafts, even)
    namer.check_headers()
    for each in variables_of(statements):
        namer.name(each)
    return namer.roles


class _Namer:
    def __init__(
        self,
        program: Program,
        function: Function,
        statements: Sequence[Statement],
        drafts: Sequence[Draft],
        even: frozenset[Key],
    ) -> None:
        self._program = program
        self._function = function
        self._statements = tuple(statements)
        self._drafts = list(drafts_in(drafts))
        self._even = even
        self._inside = declared_by_threads(self._drafts)
        self._header: set[Key] = set()
        self.roles = RegionRoles()

    def check_headers(self) -> None:
        """Refuse what every thread would do, and must not do more than once."""
        for draft in self._drafts:
            if isinstance(draft.statement, Declaration):
                self._check_setting(draft.statement, "Move it before the region.")
            if not draft.is_followed:
                continue
            init, condition, step = header_of(draft.statement)
            way_out = "Move it out of the header, or leave the loop out of the region."
            for part in (init, step):
                if part is not None:
                    self._header |= self._check_setting(part, way_out)
            if condition is not None and not is_calm(condition, self._program):
                self._not_for_all(condition, way_out)

    def _check_setting(self, node: Node, way_out: str) -> set[Key]:
        found = settings_of(node, self._program)  # type: ignore[arg-type]  # a header
        if found is None:
            self._not_for_all(node, way_out)
        return {variable.key for variable, _ in found or ()}

    def _not_for_all(self, node: Node, way_out: str) -> None:
        message = (
            f"every thread would do {text_of(node)}, which does more than compare "
            "values and set variables of its own."
        )
        place = node.span.place
        self.roles.findings.append(Finding("IPT330", message, place, (), way_out))

    def name(self, variable: Variable) -> None:
        """Put a variable into a list, or add the finding that it fits none."""
        key, roles = variable.key, self.roles
        if is_each_threads_own(self._program, variable):
            self._check_thread_local(variable)
        elif key in self._inside:
            roles.own.add(key)
            self._check_inside(variable)
        elif any(variable.is_declared_in(each.span) for each in self._statements):
            # A loop, or what one thread does, declares it for itself.
            return
        elif key in self._even:
            roles.own.add(key)
            self._own_in_loops(variable)
            is_read = self._is_read_first(variable)
            (roles.firstprivate if is_read else roles.private).append(variable.name)
        elif key in self._header:
            self._refuse(
                variable,
                "each thread would count with its own, and others read or set it",
                "Declare the counter in the loop's header.",
            )
        elif self._is_of_loops(variable):
            roles.own.add(key)
            roles.private.append(variable.name)
        else:
            self._own_in_loops(variable)
            self._share(variable)

    def _share(self, variable: Variable) -> None:
        if variable.is_static_member:
            return
        if variable.name:
            self.roles.shared.append(self._spelled(variable))
        else:
            self._refuse(variable, "it has no name", "Give the union a name.")

    def _spelled(self, variable: Variable) -> str:
        """Return the name with its namespace, where the program writes that."""
        texts = (text_of(each) for each in self._uses(variable))
        return next((t for t in texts if t.endswith("::" + variable.name)), "") or (
            variable.name
        )

    def _uses(self, variable: Variable) -> Iterator[VarRef | Declarator]:
        for statement in self._statements:
            for each in walk(statement):
                if isinstance(each, VarRef | Declarator) and each.variable == variable:
                    yield each

    def _own_in_loops(self, variable: Variable) -> None:
        """Make a variable private to the loops that use it for themselves."""
        for draft in self._drafts:
            verdict = draft.verdict
            if verdict is None or not names(draft, variable):
                continue
            is_counter = variable.key == counter_of(draft)
            if is_counter and variable.name not in copied_names(draft):
                # OpenMP makes it private by itself (5.2, section 5.1.1).
                draft.own |= {variable.key}
            elif variable.name in verdict.private:
                draft.own |= {variable.key}
                draft.private = (*draft.private, variable.name)

    def _is_of_loops(self, variable: Variable) -> bool:
        """Tell whether only worksharing loops use a variable, each for itself."""
        for draft in self._drafts:
            if not names(draft, variable):
                continue
            verdict = draft.verdict
            if verdict is None or variable.name in copied_names(draft):
                return False
            is_counter = counter_of(draft) == variable.key
            if not is_counter and variable.name not in verdict.private:
                return False
        return True

    def _is_read_first(self, variable: Variable) -> bool:
        exposure = Exposure(variable)
        state = exposure.visit(None, frozenset())
        for each in self._statements:
            state = exposure.visit(each, state)
        return bool(exposure.reads)

    def _check_inside(self, variable: Variable) -> None:
        """Refuse a variable of the region's own block that threads would not share."""
        name = variable.name
        uses = sum(
            isinstance(each, VarRef) and each.variable == variable
            for each in walk(self._function.body)
        )
        here = sum(isinstance(each, VarRef) for each in self._uses(variable))
        is_const = variable.ctype.is_const or variable.ctype.leaf.is_const
        if uses > here:
            why = "it is declared in the region, and used behind it"
        elif variable.key in self._even:
            self._own_in_loops(variable)
            return
        elif is_const:
            return
        else:
            why = "each thread would have its own, and not all give it the same value"
        self._refuse(variable, why, f"Declare {name} before the region.")

    def _check_thread_local(self, variable: Variable) -> None:
        for draft in self._drafts:
            if draft.kind == "every" and names(draft, variable):
                self._refuse(
                    variable,
                    "each thread has its own",
                    "Copy it to a local variable before the region.",
                )
                return

    def _refuse(self, variable: Variable, why: str, way_out: str) -> None:
        place = next(self._uses(variable)).span.place
        message = f"{variable.name} has no role in the parallel region: {why}."
        self.roles.findings.append(
            Finding("IPT329", message, place, (variable.name,), way_out)
        )

"""What happens to plain variables when a loop runs in parallel.

Every variable that the loop names gets exactly one role: shared, private,
lastprivate or reduction; or a finding says why it has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.arrays.private import ArrayRole
from ipt.analysis.assumptions import Assumption, AssumptionKind
from ipt.analysis.exposure import Exposure, first_use_after, is_always_assigned
from ipt.analysis.flags import flag_of, is_flag
from ipt.analysis.naming import has_own_copies, unlistable
from ipt.analysis.origins import root_of
from ipt.analysis.reductions import EXTREMES, accumulation_of
from ipt.analysis.verdict import Reduction
from ipt.model import (
    Assign,
    Call,
    Increment,
    Kind,
    Member,
    Node,
    Unary,
    Variable,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipt.analysis.context import LoopContext
    from ipt.analysis.dependence import DependenceTester

__all__ = ["Roles", "find_roles"]


@dataclass
class Roles:
    """The role of each variable that a loop names, by role."""

    shared: list[str] = field(default_factory=list)
    private: list[str] = field(default_factory=list)
    lastprivate: list[str] = field(default_factory=list)
    reductions: list[Reduction] = field(default_factory=list)
    rounding: list[Assumption] = field(default_factory=list)
    linear: list[str] = field(default_factory=list)
    firstprivate: list[str] = field(default_factory=list)

    def take_arrays(self, private: Mapping[str, ArrayRole]) -> None:
        """Move arrays of which each thread gets its own from the shared ones."""
        self.shared = [each for each in self.shared if each not in private]
        lists = {
            ArrayRole.PRIVATE: self.private,
            ArrayRole.FIRSTPRIVATE: self.firstprivate,
            ArrayRole.LASTPRIVATE: self.lastprivate,
        }
        for name, role in private.items():
            lists[role].append(name)


def find_roles(context: LoopContext, tester: DependenceTester) -> Roles:
    """Give every variable outside the loop its role.

    Args:
        context: The loop; findings are added to it.
        tester: Tells whether the loop runs at least once.

    Returns:
        The roles.
    """
    finder = _Finder(context, tester)
    for variable in _named(context):
        finder.classify(variable)
    return finder.roles


def _named(context: LoopContext) -> list[Variable]:
    found: list[Variable] = []
    for node in walk(context.written):
        if isinstance(node, VarRef) and node.variable not in found:
            found.append(node.variable)
    # `this` is shared without being said, and cannot be listed.
    return [
        each
        for each in found
        if not each.is_this and not context.is_declared_inside(each)
    ]


class _Finder:
    def __init__(self, context: LoopContext, tester: DependenceTester) -> None:
        self._context = context
        self._tester = tester
        self._loop = context.counted.loop
        self.roles = Roles()

    def classify(self, variable: Variable) -> None:
        """Give one variable its role, or add the finding that it has none."""
        context = self._context
        if self._is_ruled_out(variable):
            return
        if variable.is_declared_in(context.span):
            self._static_inside(variable)
        elif variable == context.counted.counter:
            self._counter(variable)
        elif variable.ctype.kind is Kind.ARRAY or not self._writes_of(variable):
            if not variable.is_static_member:
                self.roles.shared.append(variable.name)
        elif not self._is_hidden(variable):
            self._written(variable)

    def _is_ruled_out(self, variable: Variable) -> bool:
        """Add a finding if a variable cannot have a role whatever is done with it."""
        problem = unlistable(self._context, variable, _named(self._context))
        if variable.is_static_member and self._writes_of(variable):
            problem = f"{variable.name} is a static member, which no clause can name"
        if variable.ctype.kind is Kind.REFERENCE:
            self._refuse(
                "IPT311",
                f"{variable.name} is a reference; what it names is not followed",
                self._uses(variable)[0],
                variable,
                "Use the variable itself in the loop.",
            )
        elif problem:
            self._refuse(
                "IPT311",
                problem,
                self._uses(variable)[0],
                variable,
                "Copy it to a local variable before the loop.",
            )
        elif has_own_copies(self._context, variable):
            self._refuse(
                "IPT316",
                f"each thread has its own {variable.name}",
                self._uses(variable)[0],
                variable,
                "Copy it to a local variable before the loop.",
            )
        elif variable.ctype.kind is Kind.OTHER and self._writes_of(variable):
            self._refuse(
                "IPT311",
                f"the type {variable.ctype.spelling} of {variable.name} is not "
                "understood by this version of ipt",
                self._uses(variable)[0],
                variable,
                "Use plain numbers.",
            )
        else:
            return False
        return True

    def _refuse(
        self, code: str, message: str, node: Node, variable: Variable, way_out: str
    ) -> None:
        self._context.add(code, message + ".", node.span, (variable.name,), way_out)

    def _uses(self, variable: Variable) -> list[Node]:
        return [
            node
            for node in walk(self._context.written)
            if isinstance(node, VarRef) and node.variable == variable
        ]

    def _writes_of(self, variable: Variable) -> list[Node]:
        """Return the statements of the loop's own text that assign a variable."""
        found: list[Node] = []
        for node in walk(self._loop):
            match node:
                case Assign():
                    target = node.target
                case Increment():
                    target = node.operand
                case _:
                    continue
            if _names_part(target, variable):
                found.append(node)
        return found

    def _is_hidden(self, variable: Variable) -> bool:
        """Add a finding if a written variable is also reached in other ways."""
        context = self._context
        for node in walk(self._loop):
            if not isinstance(node, Unary) or node.op != "&":
                continue
            if root_of(strip_casts(node.operand)) == variable:
                self._refuse(
                    "IPT316",
                    f"{variable.name} is changed in the loop and its address is taken",
                    node,
                    variable,
                    "Use a variable declared inside the loop.",
                )
                return True
        for access in context.trace.accesses:
            location = access.location
            if location is None or location.root != variable:
                continue
            if location.split[0].is_pointer:
                # What it points to; `memory` compares that.
                continue
            if access.calls or root_of(strip_casts(access.node)) != variable:
                line = (access.calls[0] if access.calls else access.node.span).line
                self._refuse(
                    "IPT316",
                    f"{variable.name} is changed in the loop and also used by "
                    f"what line {line} calls or points to",
                    access.node,
                    variable,
                    "Pass its value as an argument, or use a local variable.",
                )
                return True
        return False

    def _static_inside(self, variable: Variable) -> None:
        """Refuse a static variable of the loop's body that the loop changes."""
        writes = self._writes_of(variable)
        if writes:
            self._refuse(
                "IPT316",
                f"{variable.name} is static: all iterations share it",
                writes[0],
                variable,
                "Leave out static.",
            )

    def _counter(self, variable: Variable) -> None:
        if self._context.counted.declares:
            return
        use = self._use_after(variable)
        if use is None:
            return
        if self._tester.runs_always(self._context.trace.domain):
            self.roles.lastprivate.append(variable.name)
            return
        self._used_after(
            variable,
            use,
            f"Set {variable.name} after the loop, or declare the counter in the "
            "loop's header.",
        )

    def _use_after(self, variable: Variable) -> Node | None:
        context = self._context
        is_public = variable.is_shared_storage
        if is_public or variable.key in context.program.address_taken:
            return self._loop
        return first_use_after(context.function, self._loop, variable)

    def _used_after(self, variable: Variable, use: Node, way_out: str) -> None:
        context = self._context
        if use is self._loop:
            where = "other functions may read it after the loop"
        else:
            where = f"line {context.line(use)} reads it after the loop"
        place = self._loop if use is self._loop else use
        self._refuse(
            "IPT312",
            f"{variable.name} gets a value in each iteration, and {where}",
            place,
            variable,
            way_out,
        )

    def _written(self, variable: Variable) -> None:
        exposure = Exposure(variable)
        exposure.visit(self._loop.body, frozenset())
        if not exposure.reads:
            self._temporary(variable)
            return
        accumulation = accumulation_of(self._loop, variable)
        if accumulation.op:
            self._reduction(variable, accumulation.op)
        elif variable in self._context.trace.linear:
            self._linear(variable)
        else:
            self._carried(variable, exposure.reads[0])

    def _temporary(self, variable: Variable) -> None:
        use = self._use_after(variable)
        if use is None:
            self.roles.private.append(variable.name)
            return
        always = is_always_assigned(self._loop, variable)
        if always and self._tester.runs_always(self._context.trace.domain):
            self.roles.lastprivate.append(variable.name)
            return
        op = flag_of(self._loop, variable)
        if op and is_flag(self._context, variable):
            self.roles.reductions.append(Reduction(op, variable.name))
            return
        self._used_after(
            variable,
            use,
            f"Declare {variable.name} inside the loop, and use another variable "
            "after it; or make sure that every iteration sets it.",
        )

    def _reduction(self, variable: Variable, op: str) -> None:
        if op in ("max", "min") and self._calls_own_extreme():
            self._refuse(
                "IPT303",
                f"a function of this file that is called like one of the C library "
                f"gives {variable.name} its value",
                self._uses(variable)[0],
                variable,
                "Give the function another name.",
            )
            return
        if op in ("&&", "||") and not is_flag(self._context, variable):
            self._refuse(
                "IPT303",
                f"{variable.name} may hold another value than 0 and 1, which a "
                "reduction would not keep",
                self._uses(variable)[0],
                variable,
                "Set it to 0 or 1 before the loop, in the same function.",
            )
            return
        self.roles.reductions.append(Reduction(op, variable.name))
        is_real = variable.ctype.kind is Kind.FLOATING
        if is_real and op in ("+", "*"):
            self.roles.rounding.append(
                Assumption(AssumptionKind.ROUNDING, (variable.name,))
            )

    def _linear(self, variable: Variable) -> None:
        """Keep a variable that every iteration moves by the same amount.

        LLVM 19 multiplies the step of a pointer in the type of the counter,
        unless it is written as a longer one.
        """
        amount = self._context.trace.linear[variable]
        is_long = variable.ctype.kind is Kind.POINTER and amount != 1
        self.roles.linear.append(f"{variable.name}:{amount}{'L' if is_long else ''}")

    def _calls_own_extreme(self) -> bool:
        """Tell whether the program has its own `fmax` or the like."""
        return any(
            isinstance(node, Call)
            and node.name in EXTREMES
            and node.key in self._context.program.by_key
            for node in walk(self._loop)
        )

    def _carried(self, variable: Variable, read: Node) -> None:
        context = self._context
        accumulation = accumulation_of(self._loop, variable)
        name = variable.name
        if accumulation.also_keeps is not None:
            self._refuse(
                "IPT319",
                f"{name} keeps the extreme value, and line "
                f"{context.line(accumulation.also_keeps)} keeps where it was found",
                accumulation.also_keeps,
                variable,
                "Search the value in one loop and its position in a second one.",
            )
        elif accumulation.updates and accumulation.other is not None:
            self._refuse(
                "IPT304",
                f"{name} accumulates (line {context.line(accumulation.updates[0])}), "
                f"but line {context.line(accumulation.other)} uses it otherwise: "
                f"no iteration knows the value of {name} at that point",
                accumulation.other,
                variable,
                f"Use {name} only after the loop.",
            )
        else:
            writes = self._writes_of(variable)
            self._refuse(
                "IPT303",
                f"{name} carries a value from one iteration to the next: line "
                f"{context.line(read)} reads it before the iteration sets it "
                f"(line {context.line(writes[-1])} sets it for the next one)",
                read,
                variable,
                _way_out(variable),
            )


def _way_out(variable: Variable) -> str:
    if variable.ctype.kind is Kind.POINTER:
        return "Look at the loops inside it, in which the pointer stays the same."
    return f"Compute {variable.name} from the loop counter, if there is a formula."


def _names_part(target: Node, variable: Variable) -> bool:
    """Tell whether an assignment's target is a variable or a member of it."""
    bare = target
    while isinstance(bare, Member) and not bare.arrow:
        bare = bare.base
    return isinstance(bare, VarRef) and bare.variable == variable

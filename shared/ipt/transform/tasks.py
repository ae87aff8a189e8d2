"""Recursive calls as `omp task`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import Declaration, Unary, VarRef, walk
from ipt.source import Replacement
from ipt.transform.directives import clause_list, vouched_lines, wrapped
from ipt.transform.lines import lines_of
from ipt.transform.splitting import split_declaration
from ipt.transform.task_start import TaskStart
from ipt.transform.verdicts import FromVerdict, check_settled

if TYPE_CHECKING:
    from ipt.analysis.sync.recursion import CallGroup
    from ipt.analysis.sync.tasks import TasksVerdict
    from ipt.model import Call, Function, Statement, Variable
    from ipt.source import Edit, Span

__all__ = ["Tasks", "task_transforms"]

_TASK = "#pragma omp task"
_WAIT = "#pragma omp taskwait"
_PART = "ipt_part"


def task_transforms(
    verdict: TasksVerdict, condition: str | None = None
) -> tuple[Tasks | TaskStart, ...]:
    """Return all changes that make the calls of a function tasks.

    Args:
        verdict: What the analysis found.
        condition: When a call is large enough to be a task; None for what the
            analysis advises, empty for always.
    """
    starts = (TaskStart(verdict, each) for each in verdict.starts)
    chosen = verdict.cutoff.condition if condition is None else condition
    return (Tasks(verdict, chosen), *starts)


def _refused(statement: Statement, why: str) -> TransformRefused:
    return TransformRefused(
        [
            Finding(
                "IPT337",
                f"the calls cannot be tasks: {why}.",
                statement.span.place,
                way_out="Write each call as a statement of its own.",
            )
        ]
    )


@dataclass(frozen=True, slots=True)
class Tasks(FromVerdict):
    """Lets other threads do calls of a function by itself.

    Before::

        left = count(n - 1);
        right = count(n - 2);

    After::

        #pragma omp task default(none) firstprivate(n) shared(left) if(n > 20)
        left = count(n - 1);
        right = count(n - 2);
        #pragma omp taskwait

    The last call is done by the thread itself.  Calls inside one `return` get
    variables for their results, in a block of their own.

    Attributes:
        verdict: What the analysis found, with all assumptions accepted.
        condition: When a call is large enough to be a task, empty for always.
    """

    verdict: TasksVerdict
    condition: str = ""

    def validate(self) -> None:
        """Check that the calls may be tasks.

        Raises:
            TransformRefused: They may not, or something must be decided first.
        """
        check_settled(self.verdict)
        for group in self.verdict.groups:
            for statement in group.statements:
                lines_of((statement,))
            for call in group.calls if group.is_returned else ():
                text = call.span.text
                is_plain = text.startswith(call.name) and text.endswith(")")
                if not is_plain or "//" in text or _PART in self.function.span.text:
                    why = f"{call.name} is called in a macro, or around a comment"
                    raise _refused(group.statements[0], why)

    @property
    def function(self) -> Function:
        """The function that is changed."""
        return self.verdict.function

    @property
    def span(self) -> Span:
        """The first statement with a call."""
        return self.verdict.groups[0].statements[0].span

    @property
    def directive(self) -> str:
        """The first directive on one line."""
        group = self.verdict.groups[0]
        clauses = self._clauses(group.calls[0], self._result(group, 0))
        return " ".join((_TASK, *clauses))

    def edits(self) -> list[Edit]:
        """Return the edits of the function.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        return [
            edit
            for group in self.verdict.groups
            for edit in (
                self._in_return(group) if group.is_returned else self._in_a_row(group)
            )
        ]

    def _result(self, group: CallGroup, number: int) -> str:
        if group.is_returned:
            return f"{_PART}{number + 1}"
        found = group.results[number]
        return "" if found is None else found.name

    def _clauses(self, call: Call, result: str) -> list[str]:
        """Return the clauses of the task that does one call."""
        own: list[str] = []
        shared: list[str] = []
        for variable in _named(call):
            is_own = _is_copied(call, variable)
            (own if is_own else shared).append(variable.name)
        found = ["default(none)", *clause_list(firstprivate=own)]
        found += clause_list(shared=[*shared, *([result] if result else [])])
        if self.condition:
            found.append(f"if({self.condition})")
        return found

    def _in_a_row(self, group: CallGroup) -> list[Edit]:
        edits: list[Edit] = []
        for number, statement in enumerate(group.statements):
            lines = lines_of((statement,))
            if number == len(group.statements) - 1:
                edits.append(lines.behind([_WAIT], order=-1))
                continue
            comments = vouched_lines(self.assumptions) if number == 0 else []
            clauses = self._clauses(group.calls[number], self._result(group, number))
            task = wrapped(_TASK, clauses, lines.indent)
            if isinstance(statement, Declaration):
                edits.append(split_declaration(statement.declarators[0], lines, task))
                task = []
            if comments or task:
                edits.append(lines.before([*comments, *task], order=1))
        return edits

    def _in_return(self, group: CallGroup) -> list[Edit]:
        statement = group.statements[0]
        lines = lines_of((statement,))
        ctype = group.calls[0].ctype.spelling
        names = [f"{_PART}{number + 1}" for number in range(len(group.calls))]
        before = ["{", *vouched_lines(self.assumptions), f"{ctype} {', '.join(names)};"]
        for call, name in zip(group.calls, names, strict=True):
            text = " ".join(call.span.text.split())
            if name != names[-1]:
                before += wrapped(_TASK, self._clauses(call, name), lines.indent)
            before.append(f"{name} = {text};")
        before.append(_WAIT)
        edits: list[Edit] = [lines.before(before, order=1)]
        edits += [
            Replacement(call.span.start, call.span.end, name.encode())
            for call, name in zip(group.calls, names, strict=True)
        ]
        return [*edits, lines.behind(["}"], order=-1)]


def _named(call: Call) -> list[Variable]:
    found: dict[Variable, None] = {}
    for argument in call.arguments:
        for node in walk(argument):
            if isinstance(node, VarRef):
                found[node.variable] = None
    return list(found)


def _is_copied(call: Call, variable: Variable) -> bool:
    """Tell whether a task gets a copy of a variable, which is a plain value then."""
    if not variable.ctype.is_scalar or variable.is_shared_storage:
        return False
    return not any(
        isinstance(node, Unary)
        and node.op == "&"
        and any(isinstance(n, VarRef) and n.variable == variable for n in walk(node))
        for argument in call.arguments
        for node in walk(argument)
    )

"""Recursive calls as `omp task`, and the threads that do them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.sync.pieces import named_outside
from ipt.analysis.verdict import Status
from ipt.errors import TransformRefused
from ipt.findings import Finding
from ipt.model import Declaration, Unary, VarRef, walk
from ipt.source import Replacement
from ipt.transform.lines import lines_of
from ipt.transform.wrapping import clause_list, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis.sync.recursion import CallGroup, OuterCall
    from ipt.analysis.sync.tasks import TasksVerdict
    from ipt.model import Call, Declarator, Function, Statement, Variable
    from ipt.source import Edit, Span
    from ipt.transform.lines import StatementLines

__all__ = ["TaskStart", "Tasks", "task_transforms"]

_TASK = "#pragma omp task"
_WAIT = "#pragma omp taskwait"
_EQUALS = re.compile(rb"[ \t]*=[ \t]*")
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


def _check(verdict: TasksVerdict) -> None:
    if verdict.status is Status.REFUSED:
        raise TransformRefused(verdict.refusals)
    if verdict.decisions:
        raise TransformRefused(
            [each for each in verdict.findings if each.code == "IPT208"]
        )


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
class Tasks:
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
        _check(self.verdict)
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

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the analysis found."""
        return self.verdict.findings

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the user vouched for and nobody proved."""
        return tuple(each.text for each in self.verdict.accepted)

    @property
    def headers(self) -> frozenset[str]:
        """The directives need none."""
        return frozenset()

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

    def _comments(self) -> list[str]:
        return [
            f"/* ipt: taken as true, not proved: {each}. */"
            for each in self.assumptions
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
            comments = self._comments() if number == 0 else []
            clauses = self._clauses(group.calls[number], self._result(group, number))
            task = wrapped(_TASK, clauses, lines.indent)
            if isinstance(statement, Declaration):
                edits.append(_split(statement.declarators[0], lines, task))
                task = []
            if comments or task:
                edits.append(lines.before([*comments, *task], order=1))
        return edits

    def _in_return(self, group: CallGroup) -> list[Edit]:
        statement = group.statements[0]
        lines = lines_of((statement,))
        ctype = group.calls[0].ctype.spelling
        names = [f"{_PART}{number + 1}" for number in range(len(group.calls))]
        before = ["{", *self._comments(), f"{ctype} {', '.join(names)};"]
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


@dataclass(frozen=True, slots=True)
class TaskStart:
    """Starts the threads that do the tasks of a recursion.

    Before::

        total = count(40);

    After::

        #pragma omp parallel default(none) shared(total)
        #pragma omp single
        total = count(40);

    Attributes:
        verdict: On the recursive function.
        start: The statement that calls it first.
    """

    verdict: TasksVerdict
    start: OuterCall

    def validate(self) -> None:
        """Check that threads may be started there.

        Raises:
            TransformRefused: They may not, or something must be decided first.
        """
        _check(self.verdict)
        lines_of((self.start.statement,))

    @property
    def function(self) -> Function:
        """The function that is changed."""
        return self.start.function

    @property
    def span(self) -> Span:
        """The statement with the call."""
        return self.start.statement.span

    def clauses(self) -> list[str]:
        """Return the clauses of the directive."""
        names = [each.name for each in named_outside((self.start.statement,))]
        if isinstance(self.start.statement, Declaration):
            names.append(self.start.statement.declarators[0].variable.name)
        return ["default(none)", *clause_list(shared=names)]

    @property
    def directive(self) -> str:
        """The directive on one line."""
        return " ".join(("#pragma omp parallel", *self.clauses()))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the analysis found."""
        return self.verdict.findings

    @property
    def assumptions(self) -> tuple[str, ...]:
        """They stand where the tasks are."""
        return ()

    @property
    def headers(self) -> frozenset[str]:
        """The directives need none."""
        return frozenset()

    def edits(self) -> list[Edit]:
        """Return the edits of the statement.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        statement = self.start.statement
        lines = lines_of((statement,))
        directives = wrapped("#pragma omp parallel", self.clauses(), lines.indent)
        directives.append("#pragma omp single")
        if isinstance(statement, Declaration):
            return [_split(statement.declarators[0], lines, directives)]
        return [lines.before(directives)]


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


def _split(
    declarator: Declarator, lines: StatementLines, directives: Sequence[str]
) -> Edit:
    """Return the edit that splits `int x = f();` in front of its call."""
    init = declarator.init
    assert init is not None  # noqa: S101 - the analysis took it for a call
    source = init.span.source
    name = declarator.variable.name
    start = source.data.rfind(name.encode(), lines.start, init.span.start)
    begin = start + len(name)
    if start < 0 or not _EQUALS.fullmatch(source.data, begin, init.span.start):
        raise TransformRefused(
            [
                Finding(
                    "IPT337",
                    f"the declaration of {name} cannot be split before its call.",
                    declarator.span.place,
                    way_out=f"Declare {name} first, and assign it then.",
                )
            ]
        )
    text = "".join(f"\n{lines.indent}{each}" for each in (*directives, f"{name} = "))
    return Replacement(begin, init.span.start, f";{text}".encode())

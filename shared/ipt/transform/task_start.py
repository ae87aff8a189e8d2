"""`#pragma omp parallel` and `single` around the call that starts a recursion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.sync.pieces import named_outside
from ipt.model import Declaration
from ipt.transform.directives import clause_list, wrapped
from ipt.transform.lines import lines_of
from ipt.transform.splitting import split_declaration
from ipt.transform.verdicts import FromVerdict, check_settled

if TYPE_CHECKING:
    from ipt.analysis.sync.recursion import OuterCall
    from ipt.analysis.sync.tasks import TasksVerdict
    from ipt.model import Function
    from ipt.source import Edit, Span

__all__ = ["TaskStart"]

_PARALLEL = "#pragma omp parallel"


@dataclass(frozen=True, slots=True)
class TaskStart(FromVerdict):
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
        check_settled(self.verdict)
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
        return " ".join((_PARALLEL, *self.clauses()))

    @property
    def assumptions(self) -> tuple[str, ...]:
        """They stand where the tasks are."""
        return ()

    def edits(self) -> list[Edit]:
        """Return the edits of the statement.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        statement = self.start.statement
        lines = lines_of((statement,))
        directives = wrapped(_PARALLEL, self.clauses(), lines.indent)
        directives.append("#pragma omp single")
        if isinstance(statement, Declaration):
            return [split_declaration(statement.declarators[0], lines, directives)]
        return [lines.before(directives)]

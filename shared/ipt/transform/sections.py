"""`#pragma omp parallel sections` around pieces of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.source import Span
from ipt.transform.directives import clause_list, vouched_lines, wrapped
from ipt.transform.lines import lines_of
from ipt.transform.verdicts import FromVerdict, check_settled

if TYPE_CHECKING:
    from ipt.analysis.sync.sections import SectionsVerdict
    from ipt.model import Function
    from ipt.source import Edit

__all__ = ["Sections"]

_DIRECTIVE = "#pragma omp parallel sections"


@dataclass(frozen=True, slots=True)
class Sections(FromVerdict):
    """Lets different threads do different statements.

    Before::

        left(a);
        right(b);

    After::

        #pragma omp parallel sections default(none) shared(a, b)
        {
        #pragma omp section
        left(a);
        #pragma omp section
        right(b);
        }

    Attributes:
        verdict: What the analysis found, with all assumptions accepted.
    """

    verdict: SectionsVerdict

    def validate(self) -> None:
        """Check that the statements may be sections.

        Raises:
            TransformRefused: They may not, or something must be decided first.
        """
        check_settled(self.verdict)
        for group in self.verdict.groups:
            lines_of(group)

    @property
    def function(self) -> Function:
        """The function that is changed."""
        return self.verdict.function

    @property
    def span(self) -> Span:
        """All pieces, from the first statement to the last."""
        first, last = self.verdict.groups[0][0].span, self.verdict.groups[-1][-1].span
        return Span(first.start, last.end, first.source)

    def clauses(self) -> list[str]:
        """Return the clauses of the directive."""
        verdict = self.verdict
        lists = clause_list(shared=verdict.shared, private=verdict.private)
        return ["default(none)", *lists]

    @property
    def directive(self) -> str:
        """The directive on one line."""
        return f"{_DIRECTIVE} {' '.join(self.clauses())}"

    def edits(self) -> list[Edit]:
        """Return the lines to insert.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        groups = [(group, lines_of(group)) for group in self.verdict.groups]
        indent = groups[0][1].indent
        header = [
            *vouched_lines(self.assumptions),
            *wrapped(_DIRECTIVE, self.clauses(), indent),
            "{",
        ]
        edits: list[Edit] = []
        for number, (group, lines) in enumerate(groups):
            has_braces = len(group) > 1
            before = ["#pragma omp section", *(["{"] if has_braces else [])]
            edits.append(lines.before([*(header if number == 0 else []), *before], 1))
            closing = ["}"] * (has_braces + (number == len(groups) - 1))
            if closing:
                edits.append(lines.behind(closing, -1))
        return edits

"""`#pragma omp parallel sections` around pieces of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis.verdict import Status
from ipt.errors import TransformRefused
from ipt.source import Span
from ipt.transform.lines import lines_of
from ipt.transform.wrapping import clause_list, wrapped

if TYPE_CHECKING:
    from ipt.analysis.sync.sections import SectionsVerdict
    from ipt.findings import Finding
    from ipt.model import Function
    from ipt.source import Edit

__all__ = ["Sections"]

_DIRECTIVE = "#pragma omp parallel sections"


@dataclass(frozen=True, slots=True)
class Sections:
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
        verdict = self.verdict
        if verdict.status is Status.REFUSED:
            raise TransformRefused(verdict.refusals)
        if verdict.decisions:
            raise TransformRefused(
                [each for each in verdict.findings if each.code == "IPT201"]
            )
        for group in verdict.groups:
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
        """Return the lines to insert.

        Raises:
            TransformRefused: See `validate`.
        """
        self.validate()
        groups = [(group, lines_of(group)) for group in self.verdict.groups]
        indent = groups[0][1].indent
        header = [
            *(
                f"/* ipt: taken as true, not proved: {each}. */"
                for each in self.assumptions
            ),
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

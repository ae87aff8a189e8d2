"""What comes out of a dialogue: a closed union of frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ipt.dialogue.questions import Note
    from ipt.findings import Finding

__all__ = ["LoopReport", "Outcome", "Parallelized", "Unchanged"]


@dataclass(frozen=True, slots=True)
class LoopReport:
    """What was done to one loop.

    Attributes:
        line: Its line in the input.
        directive: The inserted directive, on one line.
        assumptions: What the user vouched for, as sentences.
    """

    function: str
    line: int
    directive: str
    findings: tuple[Finding, ...]
    assumptions: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the report as JSON values."""
        return {
            "function": self.function,
            "line": self.line,
            "directive": self.directive,
            "findings": [finding.to_json() for finding in self.findings],
            "assumptions": list(self.assumptions),
        }


@dataclass(frozen=True, slots=True)
class Parallelized:
    """A parallel program.

    Attributes:
        data: Its text.
        name: The file name that it should get.
        command: How to compile it.
        notes: What was not shown with a question.
    """

    data: bytes
    name: str
    command: str
    loops: tuple[LoopReport, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """No loop was parallelized; `reason` says why."""

    reason: str
    notes: tuple[Note, ...] = ()


Outcome: TypeAlias = Parallelized | Unchanged

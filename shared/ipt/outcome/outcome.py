"""What comes out in the end: a closed union of frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ipt.findings import Finding
    from ipt.outcome.note import Note

__all__ = ["Change", "NewFile", "Outcome", "Parallelized", "Unchanged"]


@dataclass(frozen=True, slots=True)
class Change:
    """What was done at one place.

    Attributes:
        file: The name of the input file.
        line: The line there.
        directive: What was inserted, on one line.
        assumptions: What the user vouched for, as sentences.
    """

    function: str
    file: str
    line: int
    directive: str
    findings: tuple[Finding, ...]
    assumptions: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the change as JSON values."""
        return {
            "function": self.function,
            "file": self.file,
            "line": self.line,
            "directive": self.directive,
            "findings": [finding.to_json() for finding in self.findings],
            "assumptions": list(self.assumptions),
        }


@dataclass(frozen=True, slots=True)
class NewFile:
    """The new text of one file that was changed.

    Attributes:
        origin: The name of the input file.
        name: The file name that it should get, without folders.
    """

    origin: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Parallelized:
    """A parallel program.

    Attributes:
        files: The files that were changed, one at least.
        command: How to compile the program.
        changes: What was done, in the order of the text.
        notes: What was not shown with a question.
    """

    files: tuple[NewFile, ...]
    command: str
    changes: tuple[Change, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing was parallelized; `reason` says why."""

    reason: str
    notes: tuple[Note, ...] = ()


Outcome: TypeAlias = Parallelized | Unchanged

"""Something to show to a person beside a question or at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipt.findings import Finding

__all__ = ["Note"]


@dataclass(frozen=True, slots=True)
class Note:
    """A title with what belongs to it.

    Attributes:
        title: One line.
        excerpt: Numbered lines of the user's text.
        findings: What the analysis found there.
        file: The name of the file that the excerpt is from.
    """

    title: str
    excerpt: tuple[tuple[int, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    file: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the note as JSON values."""
        return {
            "title": self.title,
            "excerpt": [list(line) for line in self.excerpt],
            "findings": [finding.to_json() for finding in self.findings],
            "file": self.file,
        }

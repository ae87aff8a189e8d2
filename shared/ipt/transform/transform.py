"""What every transform offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ipt.findings import Finding
    from ipt.model import Function
    from ipt.source import Edit, Span

__all__ = ["Transform"]


class Transform(Protocol):
    """One change of the user's text; a frozen dataclass that was made from a verdict.

    `validate` changes nothing and refuses with reasons; `edits` does the work.
    """

    @property
    def function(self) -> Function:
        """The function that is changed."""

    @property
    def span(self) -> Span:
        """The statement that it is about; names file and line in the report."""

    @property
    def directive(self) -> str:
        """What is inserted, on one line for the report; empty to be left out."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the analysis found for it."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the user vouched for and nobody proved, as sentences."""

    @property
    def headers(self) -> frozenset[str]:
        """The headers that the inserted text needs, such as `omp.h`."""

    def validate(self) -> None:
        """Check that the change may be made.

        Raises:
            TransformRefused: It may not, with the reasons.
        """

    def edits(self) -> list[Edit]:
        """Return the edits of the file of `span`.

        Raises:
            TransformRefused: See `validate`.
        """

"""A rewrite of one loop, as it is shown and made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ipt.findings import Finding
    from ipt.model import For, Function
    from ipt.source import Edit

__all__ = ["Restructuring", "RestructuringKind", "Rewrite"]


class RestructuringKind(Enum):
    """What a rewrite does, in one word."""

    DISTRIBUTION = "distribution"
    INTERCHANGE = "interchange"
    PRIVATIZATION = "privatization"
    PEELING = "peeling"
    POSITION = "position"
    INDUCTION = "induction"


class Rewrite(Protocol):
    """One way to write a loop anew; a frozen dataclass, made by its kind's module."""

    @property
    def kind(self) -> RestructuringKind:
        """What it does."""

    @property
    def why(self) -> str:
        """What it is good for, as a sentence."""

    @property
    def loop(self) -> For:
        """The loop that is rewritten."""

    @property
    def counter(self) -> str:
        """The counter of the loop that it is to set free."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the reader should know of it, such as memory that it needs."""

    def validate(self) -> None:
        """Check that the program computes the same afterwards.

        Raises:
            TransformRefused: It is not proved to, or the text cannot be moved.
        """

    def edits(self) -> list[Edit]:
        """Return the edits of the loop's file.

        Raises:
            TransformRefused: See `validate`.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Restructuring:
    """A rewrite that is proved to keep the result and frees a loop.

    Attributes:
        kind: What it does.
        why: What it is good for, as a sentence.
        function: The function that is changed.
        loop: The loop that is rewritten.
        before: The numbered lines of the loop.
        after: The numbered lines that take their place.
        findings: What is proved, what is gained, and what it costs.
        rewrite: Makes the edits.
    """

    kind: RestructuringKind
    why: str
    function: Function
    loop: For
    before: tuple[tuple[int, str], ...]
    after: tuple[tuple[int, str], ...]
    findings: tuple[Finding, ...]
    rewrite: Rewrite

    def validate(self) -> None:
        """Check that the program computes the same afterwards.

        Raises:
            TransformRefused: It is not proved to, or the text cannot be moved.
        """
        self.rewrite.validate()

    def edits(self) -> list[Edit]:
        """Return the edits of the loop's file.

        Raises:
            TransformRefused: See `validate`.
        """
        return self.rewrite.edits()

"""What callers get of a compiler's complaints (docs/architecture.md §5.3)."""

from typing import TypedDict

from .model import Severity

__all__ = ["Complaint", "Diagnostics", "Place", "Remarked"]


class Place(TypedDict):
    """Where something is.

    Attributes:
        file: As the compiler names it; empty where it names none.
        path: The file in the home; empty where it is not there.
        line: From 1; null where there is none.
        column: From 1; null where there is none.
    """

    file: str
    path: str
    line: int | None
    column: int | None


class Remarked(Place):
    """A note that belongs to a complaint.

    Attributes:
        message: The compiler's sentence.
    """

    message: str


class Complaint(Place):
    """One complaint of a compiler or a linker.

    Attributes:
        severity: How bad it is.
        message: The compiler's sentence.
        option: What turns it off or on, such as `-Wunused-variable`; may be empty.
        notes: What the compiler adds.
    """

    severity: Severity
    message: str
    option: str
    notes: list[Remarked]


class Diagnostics(TypedDict):
    """What the compiler complained about.

    Attributes:
        diagnostics: In the compiler's order.
        truncated: Whether there were more than an answer holds.
    """

    diagnostics: list[Complaint]
    truncated: bool

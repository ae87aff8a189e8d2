"""Lines that a person names, as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.dialogue.questions import BadAnswer
from ipt.listing import LineError, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.dialogue.flow.work import Work
    from ipt.listing import Selection
    from ipt.model import Function, Statement

__all__ = ["named_lines", "refuse_taken"]


def named_lines(function: Function, answer: str) -> tuple[Selection, ...]:
    """Return the statements of the lines that an answer names.

    Raises:
        BadAnswer: It names no lines, or not whole statements.
    """
    try:
        return select(function, answer)
    except LineError as error:
        raise BadAnswer(error.message) from error


def refuse_taken(work: Work, statements: Sequence[Statement]) -> None:
    """Check that statements are free.

    Raises:
        BadAnswer: Something that was chosen before is in them, or around them.
    """
    if any(work.is_taken(each.span) for each in statements):
        raise BadAnswer(
            "These lines hold something that was chosen before; back leads there."
        )

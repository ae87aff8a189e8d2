"""Tries out what was chosen before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.dialogue.flow.work import refusal
from ipt.dialogue.questions import BadAnswer
from ipt.errors import InternalError, TransformRefused
from ipt.outcome import finish

if TYPE_CHECKING:
    from ipt.dialogue.flow.work import Work
    from ipt.transform import Transform

__all__ = ["holds", "refuse_failing"]


def _problem_with(work: Work, *transforms: Transform) -> BadAnswer | None:
    """Return why transforms cannot be applied besides what was chosen.

    What a person typed goes into the program; so the compiler is asked at
    once, while the question can still be asked again.
    """
    try:
        for each in transforms:
            each.validate()
        finish(work.program, [*work.chosen, *transforms], (), work.options)
    except TransformRefused as error:
        return refusal(error)
    except InternalError as error:
        first = error.message.splitlines()[1:2]
        return BadAnswer("The compiler refuses it: " + " ".join(first))
    except ValueError:
        return BadAnswer("It would touch text that was changed already.")
    return None


def refuse_failing(work: Work, *transforms: Transform) -> None:
    """Check that transforms can be applied besides what was chosen.

    Raises:
        BadAnswer: They cannot, with the reason.
    """
    problem = _problem_with(work, *transforms)
    if problem is not None:
        raise problem


def holds(work: Work, otherwise: str, *transforms: Transform) -> bool:
    """Tell whether transforms can be applied; if not, the person is told why.

    Args:
        work: The state.
        otherwise: What happens if they cannot, as the beginning of a note.
        transforms: What is to be made.
    """
    problem = _problem_with(work, *transforms)
    if problem is not None:
        work.note(f"{otherwise}: {problem.message}")
    return problem is None

"""Answers questions from what was said ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.dialogue.questions import BadAnswer
from ipt.errors import AnswersError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipt.dialogue.session import Session

__all__ = ["replay_step"]


def replay_step(
    session: Session, answers: Mapping[str, str], *, defaults: bool = False
) -> bool:
    """Answer the open question from given answers.

    Args:
        session: The dialogue.
        answers: Answers by question id.
        defaults: Whether to take the default where there is none.

    Returns:
        False if the question must be asked.

    Raises:
        AnswersError: The given answer does not fit.
    """
    session.want(answers)
    question = session.question
    if question is None or not (question.id in answers or defaults):
        return False
    try:
        session.answer(answers.get(question.id, ""))
    except BadAnswer as error:
        raise AnswersError(
            f"The answer to {question.id!r} cannot be used: {error.message}",
            question.id,
        ) from error
    return True

"""What a person must vouch for, because nobody can prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import AssumptionKind
from ipt.dialogue.questions import Question, yes_no
from ipt.dialogue.texts import HELP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis import Assumption
    from ipt.dialogue.flow.work import Asking, Work

__all__ = ["ask_decisions"]


def ask_decisions(
    work: Work, name: str, decisions: Sequence[Assumption], loss: str
) -> Asking[list[Assumption] | None]:
    """Ask whether what could not be proved is true.

    Args:
        work: The state.
        name: What the ids begin with.
        decisions: What could not be proved.
        loss: What follows from a no, such as `the loop stays serial`.

    Returns:
        What the person vouches for, None if it is not everything.
    """
    accepted: list[Assumption] = []
    for decision in decisions:
        is_rounding = decision.kind is AssumptionKind.ROUNDING
        listed = "+".join(decision.names)
        answer = yield Question(
            f"{name}.{decision.kind.value}.{listed}",
            "yes_no",
            _text(decision),
            HELP[decision.kind.value],
            yes_no(default=is_rounding),
            why=(
                "that is usual, and harmless in most programs."
                if is_rounding
                else f"only you can know; without your word {loss}."
            ),
            notes=work.take_notes(),
        )
        if answer == "no":
            work.deny(name, decision)
            work.note(f"{loss[0].upper()}{loss[1:]}.")
            return None
        accepted.append(decision)
    return accepted


def _text(decision: Assumption) -> str:
    if decision.kind is AssumptionKind.ROUNDING:
        listed = ", ".join(decision.names)
        return f"May the last digits of {listed} differ from the serial program's?"
    return f"Is it always true that {decision.text}?"

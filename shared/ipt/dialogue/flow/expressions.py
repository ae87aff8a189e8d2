"""Expressions that a person types and that go into the program."""

from __future__ import annotations

import re

from ipt.dialogue.questions import BadAnswer

__all__ = ["refuse_effects"]

# Names, numbers and comparisons; no call, no assignment, nothing that counts.
_PLAIN = re.compile(r"[\w .<>=!&|()+*/%\[\]-]+", re.ASCII)
_EFFECT = re.compile(r"\w\s*\(|\+\+|--|(?<![<>=!])=(?!=)")


def refuse_effects(answer: str, what: str) -> None:
    """Refuse an expression that does more than compute.

    Args:
        answer: What was typed.
        what: What is wanted, such as `A condition is a comparison such as n > 1000`.

    Raises:
        BadAnswer: It calls or changes something.
    """
    if not _PLAIN.fullmatch(answer) or _EFFECT.search(answer):
        raise BadAnswer(f"{what}; it calls and changes nothing.")

"""Questions as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.errors import IptError

if TYPE_CHECKING:
    from ipt.outcome import Note

__all__ = ["BadAnswer", "Choice", "Question", "yes_no"]

_YES = {"y", "yes", "true", "1"}
_NO = {"n", "no", "false", "0"}


class BadAnswer(IptError):
    """An answer that does not fit the question; `message` says why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers to a question.

    Attributes:
        value: The answer, as it is kept.
        label: What is shown.
        unavailable: Why it cannot be chosen, empty if it can.
    """

    value: str
    label: str
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        id: Names it in the answers file.
        kind: `choice`, `yes_no` or `number`.
        help: An explanation that teaches, for `?`.
        default: The answer that the analysis would give.
        why: Why that is the default, as a sentence.
        notes: What to show before it.
    """

    id: str
    kind: str
    text: str
    help: str
    default: str
    choices: tuple[Choice, ...] = ()
    why: str = ""
    notes: tuple[Note, ...] = ()

    def parse(self, answer: str) -> str:
        """Return the value that an answer means.

        Args:
            answer: What a person or a file said; empty for the default.

        Returns:
            The value of a choice, `yes` or `no`, or a number.

        Raises:
            BadAnswer: The answer does not fit.
        """
        text = answer.strip()
        if not text:
            return self.default
        if self.kind == "yes_no":
            return _parse_yes_no(text)
        if self.kind == "number":
            if text.isascii() and text.isdigit() and len(text) <= len("1000000"):
                return str(int(text))
            raise BadAnswer(f"{text!r} is not a number from 0 to 9999999.")
        return self._parse_choice(text)

    def _parse_choice(self, text: str) -> str:
        for number, choice in enumerate(self.choices, start=1):
            if text.lower() not in (str(number), choice.value.lower()):
                continue
            if choice.unavailable:
                raise BadAnswer(choice.unavailable)
            return choice.value
        raise BadAnswer(
            f"{text[:40]!r} is not one of the choices; "
            f"answer with a number from 1 to {len(self.choices)}."
        )

    def to_json(self) -> dict[str, object]:
        """Return the question as JSON values."""
        return {
            "id": self.id,
            "kind": self.kind,
            "text": self.text,
            "help": self.help,
            "default": self.default,
            "why": self.why,
            "choices": [
                {
                    "value": choice.value,
                    "label": choice.label,
                    "unavailable": choice.unavailable,
                }
                for choice in self.choices
            ],
            "notes": [note.to_json() for note in self.notes],
        }


def _parse_yes_no(text: str) -> str:
    if text.lower() in _YES:
        return "yes"
    if text.lower() in _NO:
        return "no"
    raise BadAnswer(f"{text[:40]!r} is neither yes nor no; answer y or n.")


def yes_no(*, default: bool) -> str:
    """Return the answer that a truth value means."""
    return "yes" if default else "no"

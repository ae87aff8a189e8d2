"""Questions as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.errors import IptError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipt.outcome import Note

__all__ = ["BadAnswer", "Choice", "Question", "yes_no"]

_YES = {"y", "yes", "true", "1"}
_NO = {"n", "no", "false", "0"}
_LONGEST = 2000


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
        kind: `choice`; `yes_no`, whose choices are what may be said besides;
            `number`; `names`, some of the choices or `none`; `lines`, see
            `ipt.listing`; or `text`.
        help: An explanation that teaches, for `?`.
        default: The answer that the analysis would give.
        why: Why that is the default, as a sentence.
        notes: What to show before it.
        is_optional: Whether it gets its default unless somebody wants to be
            asked; most people never need it.
        aside: What to say in its place then; nothing if empty.
        listing: The lines that a line answer can name, see `listing_of`.
        check: Refuses a value that cannot be used, by `BadAnswer`.
    """

    id: str
    kind: str
    text: str
    help: str
    default: str
    choices: tuple[Choice, ...] = ()
    why: str = ""
    notes: tuple[Note, ...] = ()
    is_optional: bool = False
    aside: str = ""
    listing: tuple[tuple[int, str], ...] = ()
    check: Callable[[str], None] | None = field(default=None, compare=False, repr=False)

    def parse(self, answer: str) -> str:
        """Return the value that an answer means.

        Args:
            answer: What a person or a file said; empty for the default.

        Returns:
            The value of a choice, `yes` or `no`, a number, names with commas
            between them, or lines.

        Raises:
            BadAnswer: The answer does not fit.
        """
        text = answer.strip()
        if not text:
            return self.default
        value = self._read(text)
        if self.check is not None and value != self.default:
            self.check(value)
        return value

    def _read(self, text: str) -> str:
        match self.kind:
            case "yes_no":
                return self._parse_yes_no(text)
            case "number":
                return _parse_number(text)
            case "names":
                return self._parse_names(text)
            case "lines" | "text":
                return _parse_text(text)
            case _:
                return self._parse_choice(text)

    def _parse_yes_no(self, text: str) -> str:
        if text.lower() in _YES:
            return "yes"
        if text.lower() in _NO:
            return "no"
        for choice in self.choices:
            # `d` is enough for `details`.
            if choice.value.startswith(text.lower()):
                return choice.value
        others = "".join(f", or {choice.value}" for choice in self.choices)
        raise BadAnswer(f"{text[:40]!r} is neither yes nor no; answer y or n{others}.")

    def _parse_names(self, text: str) -> str:
        if text.lower() == "none":
            return "none"
        parts = [each for each in text.replace(",", " ").split() if each]
        values = [self._parse_choice(each) for each in parts]
        return ",".join(dict.fromkeys(values)) or "none"

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
            "listing": [list(line) for line in self.listing],
            "notes": [note.to_json() for note in self.notes],
        }


def _parse_number(text: str) -> str:
    if text.isascii() and text.isdigit() and len(text) <= len("1000000"):
        return str(int(text))
    raise BadAnswer(f"{text[:40]!r} is not a number from 0 to 9999999.")


def _parse_text(text: str) -> str:
    if len(text) > _LONGEST:
        raise BadAnswer(f"An answer has at most {_LONGEST} characters.")
    return text


def yes_no(*, default: bool) -> str:
    """Return the answer that a truth value means."""
    return "yes" if default else "no"

"""Drives the generator of questions, and can go back in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ipt.dialogue.questions import Question
    from ipt.outcome import Outcome

__all__ = ["Session"]


class Session:
    """One dialogue; owns the answers given so far.

    Going back starts the generator anew and gives it all answers but the
    last: the same answers always lead to the same question.

    Attributes:
        question: The open question, None at the end.
        outcome: The result, None before the end.
    """

    def __init__(self, start: Callable[[], Generator[Question, str, Outcome]]) -> None:
        self._start = start
        self._given: list[tuple[str, str]] = []
        self.question: Question | None = None
        self.outcome: Outcome | None = None
        self._restart()

    @property
    def answers(self) -> dict[str, str]:
        """The answers so far, by question id, in the order given."""
        return dict(self._given)

    def answer(self, text: str) -> None:
        """Answer the open question.

        Args:
            text: The answer; empty for the default.

        Raises:
            BadAnswer: It does not fit; the question stays open.
        """
        if self.question is None:
            return
        value = self.question.parse(text)
        self._given.append((self.question.id, value))
        self._send(value)

    def back(self) -> bool:
        """Open the question before; False if there is none."""
        if not self._given:
            return False
        self._given.pop()
        self._restart()
        return True

    def _restart(self) -> None:
        self._generator = self._start()
        self.outcome = None
        self._advance(None)
        for _, value in self._given:
            self._send(value)

    def _send(self, value: str) -> None:
        self._advance(value)

    def _advance(self, value: str | None) -> None:
        try:
            if value is None:
                self.question = next(self._generator)
            else:
                self.question = self._generator.send(value)
        except StopIteration as stop:
            self.question = None
            self.outcome = stop.value

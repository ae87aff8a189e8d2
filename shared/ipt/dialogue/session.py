"""Drives the generator of questions, and can go back in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from ipt.dialogue.questions import Question
    from ipt.outcome import Outcome

__all__ = ["Session"]


@dataclass(frozen=True, slots=True)
class _Given:
    """One answer; nobody was asked for it if it is silent."""

    question: Question
    value: str
    is_silent: bool = False


class Session:
    """One dialogue; owns the answers given so far.

    Optional questions are passed over: they get their default, unless an
    answer to them is at hand or somebody asked for them with `more`.

    Going back starts the generator anew and gives it all answers but the
    last: the same answers always lead to the same question.

    Attributes:
        question: The open question, None at the end.
        outcome: The result, None before the end.
    """

    def __init__(self, start: Callable[[], Generator[Question, str, Outcome]]) -> None:
        self._start = start
        self._given: list[_Given] = []
        self._wanted: set[str] = set()
        self.question: Question | None = None
        self.outcome: Outcome | None = None
        self._restart()

    @property
    def answers(self) -> dict[str, str]:
        """The answers so far, by question id, in the order given."""
        return {
            each.question.id: each.value for each in self._given if not each.is_silent
        }

    @property
    def passed_over(self) -> list[Question]:
        """The optional questions between the last answer and the open question."""
        found: list[Question] = []
        for each in reversed(self._given):
            if not each.is_silent:
                break
            found.insert(0, each.question)
        return found

    def want(self, ids: Iterable[str]) -> None:
        """Ask these questions also where they are optional."""
        self._wanted.update(ids)

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
        self._given.append(_Given(self.question, value))
        self._advance(value)
        self._pass_over()

    def back(self) -> bool:
        """Open the question before; False if there is none."""
        while self._given and self._given[-1].is_silent:
            self._given.pop()
        if not self._given:
            self._pass_over()
            return False
        self._wanted.add(self._given.pop().question.id)
        self._restart()
        return True

    def more(self) -> bool:
        """Open the last question that was passed over; False if there is none.

        What was answered since then is asked again.
        """
        for index in range(len(self._given) - 1, -1, -1):
            if self._given[index].is_silent:
                self._wanted.add(self._given[index].question.id)
                del self._given[index:]
                self._restart()
                return True
        return False

    def _restart(self) -> None:
        self._generator = self._start()
        self.outcome = None
        self._advance(None)
        for each in self._given:
            self._advance(each.value)
        self._pass_over()

    def _pass_over(self) -> None:
        """Give optional questions their default; what they show comes later."""
        while (question := self.question) is not None:
            if not question.is_optional or question.id in self._wanted:
                break
            self._given.append(_Given(question, question.default, is_silent=True))
            self._advance(question.default)
        notes = tuple(note for each in self.passed_over for note in each.notes)
        if not notes:
            return
        if self.question is not None:
            self.question = replace(self.question, notes=notes + self.question.notes)
        elif self.outcome is not None:
            self.outcome = replace(self.outcome, notes=notes + self.outcome.notes)

    def _advance(self, value: str | None) -> None:
        try:
            if value is None:
                self.question = next(self._generator)
            else:
                self.question = self._generator.send(value)
        except StopIteration as stop:
            self.question = None
            self.outcome = stop.value

"""Dialogues about snippets, led by answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ipt.analysis import Analyzer
from ipt.dialogue import BadAnswer, Question, Session, dialogue
from ipt.dialogue.replay import replay_step
from ipt.outcome import Parallelized
from ipt.testing import program_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Talk:
    """A dialogue about a program; answers are given by question id."""

    def __init__(self, text: str, name: str = "test.c") -> None:
        program = program_of(text, name)
        analyzer = Analyzer(program)
        self.session = Session(lambda: dialogue(program, analyzer))

    @property
    def question(self) -> Question:
        """The open question."""
        assert self.session.question is not None
        return self.session.question

    def until(self, name: str, **ahead: str) -> Question:
        """Answer by default, but for what is given, until a question is open.

        In the names of `ahead`, two underscores stand for a dot.
        """
        given = {key.replace("__", "."): value for key, value in ahead.items()}
        self.session.want([*given, name])
        while self.session.question is not None and self.question.id != name:
            replay_step(self.session, given, defaults=True)
        assert self.session.question is not None, list(self.session.answers)
        return self.question

    def refuse(self, answer: str, reason: str) -> None:
        """Check that an answer is refused, and that its question stays open."""
        name = self.question.id
        with pytest.raises(BadAnswer, match=reason):
            self.session.answer(answer)
        assert self.question.id == name

    def finish(self, **ahead: str) -> str:
        """Answer to the end and return the text of the parallel program."""
        given = {key.replace("__", "."): value for key, value in ahead.items()}
        while self.session.question is not None:
            replay_step(self.session, given, defaults=True)
        outcome = self.session.outcome
        if not isinstance(outcome, Parallelized):
            return ""
        return outcome.files[0].data.decode()

    @property
    def ids(self) -> list[str]:
        """The ids of the questions that were answered."""
        return list(self.session.answers)


@pytest.fixture(name="talk")
def _talk() -> Callable[..., Talk]:
    return Talk

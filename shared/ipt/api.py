"""The engine as a pure function: text and answers in, question or result out.

Whoever calls it keeps the answers and calls again with one more; nothing is
kept here between calls.  Only the compiler's own headers can be included,
since the text may come over a network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ipt.analysis import Analyzer
from ipt.depth import deep_recursion
from ipt.dialogue import Question, Session, dialogue
from ipt.dialogue.replay import replay_step
from ipt.errors import SourceError
from ipt.outcome import Outcome, Parallelized
from ipt.reading import read_programs
from ipt.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Asked", "Done", "Step", "parallelize"]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}")
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The dialogue waits for an answer to `question`."""

    question: Question
    answers: Mapping[str, str]

    def to_json(self) -> dict[str, object]:
        """Return the step as JSON values."""
        return {"question": self.question.to_json(), "answers": dict(self.answers)}


@dataclass(frozen=True, slots=True)
class Done:
    """The dialogue is over."""

    outcome: Outcome
    answers: Mapping[str, str]

    def to_json(self) -> dict[str, object]:
        """Return the step as JSON values."""
        outcome = self.outcome
        notes = [note.to_json() for note in outcome.notes]
        if isinstance(outcome, Parallelized):
            result: dict[str, object] = {
                "status": "parallelized",
                "name": outcome.files[0].name,
                "text": outcome.files[0].data.decode("utf-8", "replace"),
                "files": [
                    {
                        "origin": each.origin,
                        "name": each.name,
                        "text": each.data.decode("utf-8", "replace"),
                    }
                    for each in outcome.files
                ],
                "command": outcome.command,
                "loops": [loop.to_json() for loop in outcome.changes],
            }
        else:
            result = {"status": "unchanged", "reason": outcome.reason}
        return {"result": {**result, "notes": notes}, "answers": dict(self.answers)}


Step: TypeAlias = Asked | Done


def parallelize(
    source_text: str,
    name: str,
    answers: Mapping[str, str],
    *,
    defaults: bool = False,
    more_files: Mapping[str, str] | None = None,
) -> Step:
    """Go on with a dialogue as far as the answers lead.

    Args:
        source_text: The program, or its first file.
        name: Its file name, without folders; the suffix tells the language.
        answers: Answers so far, by question id.
        defaults: Whether all other questions get their default.
        more_files: The other source files of the program, by name.

    Returns:
        The next question, or the outcome.

    Raises:
        SourceError: The program cannot be read.
        AnswersError: An answer does not fit its question.
    """
    files = {name: source_text, **(more_files or {})}
    sources = [_source(each, text) for each, text in files.items()]
    with deep_recursion():
        return _advance(sources, answers, defaults=defaults)


def _source(name: str, text: str) -> SourceText:
    if not _NAME.fullmatch(name):
        raise SourceError("The file name must be a plain name such as heat.c.")
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > _LARGEST:
        raise SourceError(f"{name}: a source file may have at most {_LARGEST} bytes.")
    return SourceText(name, data)


def _advance(
    sources: Sequence[SourceText], answers: Mapping[str, str], *, defaults: bool
) -> Step:
    program = read_programs(sources, own_headers=False)
    analyzer = Analyzer(program)
    session = Session(lambda: dialogue(program, analyzer))
    while replay_step(session, answers, defaults=defaults):
        pass
    if session.question is not None:
        return Asked(session.question, session.answers)
    assert session.outcome is not None  # noqa: S101 - no question means the end
    return Done(session.outcome, session.answers)

"""The order of the stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.dialogue.flow.functions import ask_another, ask_function, is_promising
from ipt.dialogue.flow.making import make_in
from ipt.dialogue.flow.restructuring import Restructured
from ipt.dialogue.flow.timing import ask_timing
from ipt.dialogue.flow.work import Work
from ipt.dialogue.questions import BadAnswer, Choice, Question
from ipt.dialogue.texts import HELP
from ipt.outcome import Note, Unchanged, finish

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from ipt.analysis import Analyzer
    from ipt.dialogue.flow.work import Asking
    from ipt.model import Function, Program
    from ipt.outcome import Outcome

__all__ = ["dialogue"]

_LATER = (
    "{} is not available yet in this version of ipt; it comes with a later release. "
    "Choose OpenMP."
)
_ONE_ENTRANCE = (
    "What runs in parallel has one entrance and one exit: no return, goto, break or "
    "exit() leads out of it. continue is fine."
)


def dialogue(
    program: Program, analyzer: Analyzer, options: Sequence[str] = ()
) -> Generator[Question, str, Outcome]:
    """Ask what is needed to parallelize a program.

    A restructuring changes the text, so that all that was found out about it
    is void.  The stages then start anew with the new text, and what was
    answered already is not asked again.

    Args:
        program: The program.
        analyzer: Analyses its loops; may be shared between dialogues.
        options: The user's compiler options, for the command that is shown.

    Yields:
        Questions.

    Returns:
        The parallel program, or why nothing was changed.
    """
    work = Work(program, analyzer, tuple(options))
    given: dict[str, str] = {}
    while True:
        try:
            return (yield from _answered(_run(work), given))
        except Restructured as news:
            work = Work(
                news.analyzer.program,
                news.analyzer,
                tuple(options),
                (*work.rewritten, news.name),
            )


def _answered(
    stages: Asking[Outcome], given: dict[str, str]
) -> Generator[Question, str, Outcome]:
    """Lead through the stages; what is known already is not asked again."""
    try:
        question = next(stages)
        while True:
            if question.id not in given or not _fits(question, given[question.id]):
                given[question.id] = yield question
            question = stages.send(given[question.id])
    except StopIteration as stop:
        outcome: Outcome = stop.value
        return outcome


def _fits(question: Question, answer: str) -> bool:
    try:
        return question.parse(answer) == answer
    except BadAnswer:
        return False


def _run(work: Work) -> Asking[Outcome]:
    yield _model()
    if not any(is_promising(work, each) for each in work.program.functions):
        return Unchanged(
            "No function of this file has a for-loop, or other lines that could be "
            "shared out."
        )
    work.notes.append(Note(_ONE_ENTRANCE))
    function: Function | None = yield from ask_function(work)
    while function is not None:
        work.visited.append(function)
        yield from make_in(work, function)
        function = yield from ask_another(work)
    if work.chosen:
        yield from ask_timing(work)
    return finish(work.program, work.chosen, work.take_notes(), work.options)


def _model() -> Question:
    return Question(
        "model",
        "choice",
        "Which kind of parallel program do you want?",
        HELP["model"],
        "openmp",
        (
            Choice("mpi", "MPI: several processes", _LATER.format("MPI")),
            Choice("openmp", "OpenMP: threads on one machine"),
            Choice("cuda", "CUDA: an NVIDIA GPU", _LATER.format("CUDA")),
        ),
        why="OpenMP is what this version can do.",
        notes=(Note("ipt reads C and C++ programs."),),
    )

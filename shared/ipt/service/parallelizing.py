"""Parallelizes a program, without a question or as far as the answers lead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipt.automatic import parallelize_automatically
from ipt.commands.delivery import Delivery, placed
from ipt.commands.report_file import report_record
from ipt.dialogue import Session, dialogue
from ipt.dialogue.replay import replay_step
from ipt.errors import ServiceRefused
from ipt.outcome import Parallelized
from ipt.report import unified_diff
from ipt.service.questions import questions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis import Analyzer
    from ipt.outcome import Outcome
    from ipt.restructure import Restructuring
    from ipt.service.request import EngineRequest

__all__ = ["parallelize"]


def parallelize(request: EngineRequest, analyzer: Analyzer) -> dict[str, Any]:
    """Return the parallel program, or what has to be answered first.

    Raises:
        AnswersError: An answer does not fit its question.
        ServiceRefused: There are too many questions.
    """
    if request.action == "auto":
        outcome, rewrites = parallelize_automatically(
            analyzer,
            request.flags,
            exact=request.exact,
            restructuring=request.restructure,
        )
        return _ended(request, analyzer, outcome, rewrites)
    return _ask(request, analyzer)


def _ask(request: EngineRequest, analyzer: Analyzer) -> dict[str, Any]:
    answers = dict(request.answers)
    if request.model:
        answers.setdefault("model", request.model)
    session = Session(lambda: dialogue(analyzer.program, analyzer, request.flags))
    while replay_step(session, answers, defaults=request.defaults):
        if len(session.answers) > request.most_questions:
            raise ServiceRefused(
                "questions",
                f"This dialogue has more than {request.most_questions} questions. "
                "Send fewer functions at a time.",
            )
    said = {
        "answers": dict(session.answers),
        "unused_answers": [each for each in answers if each not in session.answers],
    }
    if session.outcome is None:
        return {
            "status": "asking",
            "questions": questions_of(session, analyzer),
            **said,
        }
    return {**_ended(request, analyzer, session.outcome, ()), **said}


def _ended(
    request: EngineRequest,
    analyzer: Analyzer,
    outcome: Outcome,
    rewrites: Sequence[Restructuring],
) -> dict[str, Any]:
    report = report_record(analyzer, outcome, rewrites)
    result: dict[str, Any] = {
        "status": report["status"],
        "reason": report["reason"],
        "notes": [note.to_json() for note in outcome.notes],
        "sources": [],
        "compile": "",
        "diff": "",
        "report": report,
    }
    if not isinstance(outcome, Parallelized):
        return result
    program = analyzer.program
    inputs = tuple(Path(source.name) for source in program.sources)
    delivery = Delivery(inputs, None, request.rose_names)
    outcome = placed(outcome, program, delivery, request.flags)
    before = {source.name: source.data for source in program.sources}
    return {
        **result,
        "sources": [
            {
                "origin": each.origin,
                "name": each.name,
                "text": each.data.decode("utf-8", "surrogateescape"),
            }
            for each in outcome.files
        ],
        "compile": outcome.command,
        "diff": "".join(
            unified_diff(before[each.origin], each.data, each.origin, each.name)
            for each in outcome.files
        ),
        "report": report_record(analyzer, outcome, rewrites),
    }

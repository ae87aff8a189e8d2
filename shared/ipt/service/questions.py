"""The open question of a dialogue, and those that nobody has to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipt.analysis import Analyzer
    from ipt.dialogue import Question, Session
    from ipt.source import Span

__all__ = ["questions_of"]


def questions_of(session: Session, analyzer: Analyzer) -> list[dict[str, Any]]:
    """Return what can be answered next.

    Args:
        session: A dialogue that waits for an answer.
        analyzer: Of the program as it came.

    Returns:
        The open question, then the optional ones that got their default since the
        last answer; an answer to one of those is heeded, too.
    """
    assert session.question is not None  # noqa: S101 - the dialogue waits
    places = _places(analyzer)
    return [
        {**_shown(each, places), "is_optional": each is not session.question}
        for each in (session.question, *session.passed_over)
    ]


def _shown(question: Question, places: dict[str, Span]) -> dict[str, Any]:
    span = _span(question.id, places)
    place = None
    if span is not None:
        place = {
            "file": span.source.name,
            "line": span.line,
            "column": span.place.column,
            "text": span.source.line(span.line).strip(),
        }
    return {**question.to_json(), "place": place}


def _span(name: str, places: dict[str, Span]) -> Span | None:
    """Return where the loop or the function is that a question is about."""
    parts = name.split(".")
    for length in (2, 1):
        found = places.get(".".join(parts[:length]))
        if found is not None:
            return found
    return None


def _places(analyzer: Analyzer) -> dict[str, Span]:
    """Return where functions and loops are, by the ids that questions begin with."""
    found: dict[str, Span] = {}
    seen: dict[str, int] = {}
    for function in analyzer.program.functions:
        count = seen[function.name] = seen.get(function.name, 0) + 1
        name = function.name if count == 1 else f"{function.name}#{count}"
        found[name] = function.span
        for number, loop in enumerate(analyzer.loops(function), start=1):
            found[f"{name}.loop{number}"] = loop.span
    return found

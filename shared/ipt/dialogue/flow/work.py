"""The state of one dialogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ipt.dialogue.questions import BadAnswer, Question
from ipt.outcome import Note

T = TypeVar("T")

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Sequence

    from ipt.analysis import Analyzer, Assumption
    from ipt.errors import IptError
    from ipt.findings import Finding
    from ipt.model import For, Function, Program
    from ipt.source import Span
    from ipt.transform import Transform

    Asking: TypeAlias = Generator[Question, str, T]

__all__ = ["Work", "refusal", "said"]


@dataclass
class Work:
    """What has been chosen so far.

    Attributes:
        options: The user's compiler options.
        rewritten: The loops that were restructured already, by the name that
            their questions begin with.
        notes: What the next question shows.
        chosen: What will be applied.
        taken: Where no other directive may go.
        visited: The functions that were asked about.
        asked: The loops that were asked about.
        tried: What was wanted in which function, whether or not it was made.
        denied: What nobody vouches for, with the beginning of the question's id.
        bytes_read: How much was read to find rewrites of loops.
    """

    program: Program
    analyzer: Analyzer
    options: tuple[str, ...]
    rewritten: tuple[str, ...] = ()
    notes: list[Note] = field(default_factory=list)
    chosen: list[Transform] = field(default_factory=list)
    taken: list[Span] = field(default_factory=list)
    visited: list[Function] = field(default_factory=list)
    asked: list[For] = field(default_factory=list)
    tried: list[tuple[str, Function]] = field(default_factory=list)
    denied: list[tuple[str, Assumption]] = field(default_factory=list)
    bytes_read: int = 0

    def once(self, what: str, about: Hashable, find: Callable[[], T]) -> T:
        """Return what is found out about something, and keep it.

        A dialogue is led anew whenever somebody goes back.
        """
        known = self.analyzer.found
        key = ("dialogue", what, about)
        if key not in known:
            known[key] = find()
        found: T = known[key]
        return found

    def take_notes(self) -> tuple[Note, ...]:
        """Return what the next question shows, and forget it."""
        notes = tuple(self.notes)
        self.notes.clear()
        return notes

    def note(self, title: str, findings: Sequence[Finding] = ()) -> None:
        """Show something with the next question."""
        self.notes.append(Note(title, findings=tuple(findings)))

    def choose(self, transform: Transform, span: Span) -> None:
        """Keep a transform and the place that it takes."""
        self.chosen.append(transform)
        self.taken.append(span)

    def deny(self, name: str, assumption: Assumption) -> None:
        """Keep that nobody vouches for something."""
        self.denied.append((name.partition(".")[0], assumption))

    def is_denied(self, name: str, assumption: Assumption) -> bool:
        """Tell whether a no to this was given before, in the same function.

        Who says that two arrays may overlap says so of these and a third one, too.
        """
        return any(
            function == name.partition(".")[0]
            and each.kind is assumption.kind
            and each.detail == assumption.detail
            and set(each.names) <= set(assumption.names)
            for function, each in self.denied
        )

    def times(self, kind: str, function: Function) -> int:
        """Return how often a kind of thing was wanted in a function."""
        return self.tried.count((kind, function))

    def is_taken(self, span: Span) -> bool:
        """Tell whether a place is inside of what was chosen, or around it."""
        return any(each.contains(span) or span.contains(each) for each in self.taken)

    def loops(self, function: Function) -> list[For]:
        """Return the loops of a function, outer ones first."""
        return self.analyzer.loops(function)

    def function_id(self, function: Function) -> str:
        """Return a name for a function; those of one name get a number."""
        same = [e for e in self.program.functions if e.name == function.name]
        position = same.index(function)
        return f"{function.name}#{position + 1}" if position else function.name

    def place_of(self, function: Function) -> str:
        """Return where a function is, the file included if there are several."""
        line = f"line {function.span.line}"
        if len(self.program.sources) == 1:
            return line
        return f"{function.span.source.name}, {line}"


def refusal(error: IptError) -> BadAnswer:
    """Return a refusal as the reason why an answer cannot be used."""
    findings: Sequence[Finding] = getattr(error, "findings", ())
    if not findings:
        return BadAnswer(error.message)
    return BadAnswer(said(findings))


def said(findings: Sequence[Finding]) -> str:
    """Return findings as sentences, the ways out included."""
    parts = []
    for each in findings[:3]:
        text = f"{each.code} line {each.place.line}: {each.message}"
        parts.append(f"{text} {each.way_out}".strip())
    return " ".join(parts)

"""The dialogue for people, on a terminal or through a pipe."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, TextIO

from ipt.dialogue.questions import BadAnswer
from ipt.dialogue.replay import replay_step
from ipt.errors import DialogueInterrupted
from ipt.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ipt.dialogue.questions import Question
    from ipt.dialogue.session import Session
    from ipt.findings import Finding
    from ipt.outcome import Note

__all__ = ["Console", "converse"]

_NARROWEST, _WIDEST = 40, 100
_COLORS = {
    "bold": "1",
    "faint": "2",
    Severity.INFORMATION: "32",
    Severity.DECISION: "33",
    Severity.REFUSAL: "31",
}
_MARKS = {
    Severity.INFORMATION: "+",
    Severity.DECISION: "?",
    Severity.REFUSAL: "!",
}
_COMMANDS = (
    "Enter takes the answer in brackets; ? explains; back returns to the question "
    "before; quit stops without writing anything."
)


class Console:
    """Reads lines and writes text.

    Attributes:
        echoes: Whether answers are written out, because nobody typed them.
    """

    def __init__(
        self,
        reader: TextIO,
        writer: TextIO,
        *,
        width: int = 80,
        colors: bool = False,
        echoes: bool = True,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._width = max(_NARROWEST, min(_WIDEST, width))
        self._colors = colors
        self.echoes = echoes

    def paint(self, text: str, color: str | Severity) -> str:
        """Return a text in a colour, if there are colours."""
        return f"\033[{_COLORS[color]}m{text}\033[0m" if self._colors else text

    def line(self, text: str = "") -> None:
        """Write one line as it is."""
        self._writer.write(_printable(text) + "\n")

    def painted(self, text: str, color: str | Severity) -> None:
        """Write one line in a colour."""
        self._writer.write(self.paint(_printable(text), color) + "\n")

    def paragraph(self, text: str, indent: str = "") -> None:
        """Write a text in lines that fit."""
        lines = textwrap.wrap(
            text,
            self._width,
            initial_indent=indent,
            subsequent_indent=" " * len(indent),
            break_on_hyphens=False,
        )
        for line in lines:
            self.line(line)

    def ask(self, prompt: str) -> str:
        """Return one line that was typed.

        Raises:
            EOFError: There is no more input.
        """
        self._writer.write(prompt)
        self._writer.flush()
        line = self._reader.readline()
        if not line:
            self._writer.write("\n")
            raise EOFError
        answer = line.rstrip("\r\n")
        if self.echoes:
            self.line(answer)
        return answer

    def note(self, note: Note) -> None:
        """Write a note with its excerpt and findings."""
        self.line()
        self.painted(note.title, "bold")
        digits = len(str(max((number for number, _ in note.excerpt), default=0)))
        for number, text in note.excerpt:
            shown = str(number) if number else ""
            line = f"  {shown:>{digits}} | {text.expandtabs(4)}"
            cut = line if len(line) <= self._width else line[: self._width - 1] + "…"
            self.painted(cut, "faint")
        for finding in note.findings:
            self.finding(finding)

    def finding(self, finding: Finding) -> None:
        """Write a finding with its place and the way out."""
        place = f"line {finding.place.line}"
        lines = textwrap.wrap(
            f"{finding.code} {place}: {finding.message}",
            self._width - 4,
            break_on_hyphens=False,
        )
        mark = _MARKS[finding.severity]
        for number, line in enumerate(lines):
            lead = f"  {mark} " if number == 0 else "    "
            self.painted(lead + line, finding.severity)
        if finding.way_out:
            self.paragraph(finding.way_out, "    → ")

    def question(self, question: Question) -> None:
        """Write a question with its notes and choices."""
        for note in question.notes:
            self.note(note)
        self.line()
        self.painted(question.text, "bold")
        for number, choice in enumerate(question.choices, start=1):
            later = " (not available)" if choice.unavailable else ""
            self.line(f"  {number}  {choice.label}{later}")
        if question.why:
            self.paragraph(f"Default {shown_default(question)}: {question.why}", "  ")


def shown_default(question: Question) -> str:
    """Return the default of a question as it would be typed."""
    if question.kind == "yes_no":
        return question.default[0]
    values = [choice.value for choice in question.choices]
    if question.default in values:
        return str(values.index(question.default) + 1)
    return question.default


def _printable(text: str) -> str:
    """Replace control characters, which would steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)


def converse(
    session: Session,
    console: Console,
    answers: Mapping[str, str],
    *,
    defaults: bool = False,
) -> None:
    """Lead a dialogue to its end.

    Args:
        session: The dialogue.
        console: Where to ask what is not answered yet.
        answers: Answers given ahead, by question id.
        defaults: Whether every other question gets its default.

    Raises:
        AnswersError: An answer given ahead does not fit.
        DialogueInterrupted: The input ended, or the person quit.
    """
    ahead = dict(answers)
    is_first = True
    while session.question is not None:
        question = session.question
        console.question(question)
        prompt = f"{_prompt(question)}: "
        if question.id in ahead or defaults:
            replay_step(session, ahead, defaults=defaults)
            console.line(prompt + session.answers[question.id])
            continue
        if is_first and not console.echoes:
            console.paragraph(_COMMANDS, "  ")
        is_first = False
        _ask(session, console, prompt, ahead)


def _prompt(question: Question) -> str:
    if question.kind == "yes_no":
        shown = "Y/n" if question.default == "yes" else "y/N"
        return f"Answer [{shown}]"
    return f"Answer [{shown_default(question)}]"


def _ask(
    session: Session, console: Console, prompt: str, ahead: dict[str, str]
) -> None:
    """Ask the open question until it is answered or left."""
    question = session.question
    while question is not None:
        try:
            text = console.ask(prompt)
        except EOFError:
            raise DialogueInterrupted(
                f"The input ended at question {question.id!r}; nothing was written.",
                session.answers,
            ) from None
        word = text.strip().lower()
        if word == "quit":
            raise DialogueInterrupted("Stopped; nothing was written.", session.answers)
        if word == "?":
            console.paragraph(question.help, "  ")
            console.paragraph(_COMMANDS, "  ")
        elif word == "back":
            if session.back():
                # Otherwise an answer given ahead would lead forward again.
                ahead.clear()
                return
            console.paragraph("This is the first question.", "  ")
        else:
            try:
                session.answer(text)
            except BadAnswer as error:
                console.paragraph(error.message, "  ")
            else:
                return

"""What people see of the dialogue, on a terminal or through a pipe."""

from __future__ import annotations

import textwrap
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from ipt.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.dialogue.questions import Question
    from ipt.findings import Finding
    from ipt.outcome import Note

__all__ = ["Console", "shown_default"]

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
_CODE = "    "


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
        height: int = 0,
        colors: bool = False,
        echoes: bool = True,
        patience_s: float = 1.0,
    ) -> None:
        """Make a console.

        Args:
            reader: Where answers come from.
            writer: Where questions go.
            width: How many characters a line has.
            height: How many lines the screen has, 0 if there is none.
            colors: Whether the writer understands colours.
            echoes: See the class.
            patience_s: After which time people are told that work goes on.
        """
        self._reader = reader
        self._writer = writer
        self._width = max(_NARROWEST, min(_WIDEST, width))
        self._height = height
        self._colors = colors
        self._patience_s = patience_s
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
        for line in self._wrapped(text, indent):
            self.line(line)

    def aside(self, text: str) -> None:
        """Write a text that few people need."""
        for line in self._wrapped(text, "  "):
            self.painted(line, "faint")

    def _wrapped(self, text: str, indent: str = "") -> list[str]:
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=indent,
            subsequent_indent=" " * len(indent),
            break_on_hyphens=False,
        )

    def explanation(self, text: str) -> None:
        """Write an explanation; its lines with four blanks are code and stay."""
        lines: list[str] = []
        for each in text.split("\n"):
            if each.startswith(_CODE):
                lines.append(self._cut(f"  {each}"))
            else:
                lines += self._wrapped(each, "  ") or [""]
        self.pages(lines)

    def listing(self, lines: Sequence[tuple[int, str]]) -> None:
        """Write the lines of a function that a line answer can name."""
        digits = _digits(lines)
        self.pages(
            [
                self._cut(f"  {number or '':>{digits}} : {text.expandtabs(4)}")
                for number, text in lines
            ]
        )

    def pages(self, lines: Sequence[str]) -> None:
        """Write lines, on a terminal a screen at a time."""
        room = self._height - 2
        for number, line in enumerate(lines):
            if room > 0 and number and number % room == 0:
                self._writer.write("  -- Enter goes on, q ends --")
                self._writer.flush()
                if self._reader.readline().strip().lower() == "q":
                    return
            self.line(line)

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Tell somebody at a terminal that work goes on, if it takes long."""
        if not self._height:
            yield
            return
        timer = threading.Timer(self._patience_s, self._wait, [what])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _wait(self, what: str) -> None:
        self.painted(f"  {what} …", "faint")
        self._writer.flush()

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
        for line in self._wrapped(note.title):
            self.painted(line, "bold")
        digits = _digits(note.excerpt)
        for number, text in note.excerpt:
            line = f"  {number or '':>{digits}} | {text.expandtabs(4)}"
            self.painted(self._cut(line), "faint")
            if number:
                self._carets(note, number, text, digits)
        for finding in note.findings:
            self.finding(finding, note.file)

    def _carets(self, note: Note, number: int, text: str, digits: int) -> None:
        """Point at the places of a line that findings are about."""
        columns: dict[int, list[Finding]] = {}
        for each in note.findings:
            is_here = each.place.line == number and each.place.name == note.file
            if is_here and each.severity is not Severity.INFORMATION:
                columns.setdefault(each.place.column, []).append(each)
        for column, findings in sorted(columns.items()):
            before = len(text[: column - 1].expandtabs(4))
            codes = " ".join(dict.fromkeys(each.code for each in findings))
            line = f"  {'':>{digits}} | {' ' * before}^ {codes}"
            if len(line) <= self._width:
                self.painted(line, findings[0].severity)

    def _cut(self, line: str) -> str:
        return line if len(line) <= self._width else line[: self._width - 1] + "…"

    def finding(self, finding: Finding, file: str = "") -> None:
        """Write a finding with its place and the way out.

        Args:
            finding: The finding.
            file: The file that is spoken of anyway.
        """
        place = f"line {finding.place.line}"
        if file and finding.place.name != file:
            place = f"{finding.place.name}, {place}"
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
        for line in self._wrapped(question.text):
            self.painted(line, "bold")
        for number, choice in enumerate(question.choices, start=1):
            later = " (not available)" if choice.unavailable else ""
            lead = "-" if question.kind == "yes_no" else str(number)
            self.paragraph(f"{choice.label}{later}", f"  {lead}  ")
        if question.why:
            self.paragraph(f"Default {shown_default(question)}: {question.why}", "  ")


def shown_default(question: Question) -> str:
    """Return the default of a question as it would be typed."""
    values = [choice.value for choice in question.choices]
    if question.kind == "yes_no" and question.default not in values:
        return question.default[0]
    if question.kind != "yes_no" and question.default in values:
        return str(values.index(question.default) + 1)
    return question.default


def _digits(lines: Sequence[tuple[int, str]]) -> int:
    return len(str(max((number for number, _ in lines), default=0)))


def _printable(text: str) -> str:
    """Replace control characters, which would steer the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)

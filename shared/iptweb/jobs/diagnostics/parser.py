"""Puts the remarks of single lines together to diagnostics."""

from typing import Final

from .gcc import read_gcc
from .lines import split_lines
from .linker import read_linker
from .model import (
    Aside,
    Context,
    Diagnostic,
    Finding,
    More,
    Note,
    Remark,
    Report,
    Summary,
)
from .nvcc import read_nvcc

__all__ = ["read_diagnostics"]

_MOST_NOTES: Final = 20
_LONGEST_MESSAGE: Final = 1000


def read_diagnostics(text: str) -> Report:
    """Return what compilers and linkers complain about in a text, in its order.

    Args:
        text: Whatever they, and perhaps other programs, printed.
    """
    lines, truncated = split_lines(text)
    builder = _Builder()
    for line in lines:
        remark = _read(line)
        if remark is not None:
            builder.add(remark)
    return Report(builder.finish(), truncated)


def _read(line: str) -> Remark | None:
    if not line:
        return None
    # The linker's first: its lines would be half understood as others.
    return read_linker(line) or read_nvcc(line) or read_gcc(line)


class _Builder:
    """Owns the diagnostics so far, and what belongs to the next one."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []
        self._contexts: list[Note] = []
        self._last: Diagnostic | None = None

    def add(self, remark: Remark) -> None:
        """Take what the next line says."""
        match remark:
            case Finding():
                self._begin(remark.diagnostic)
            case Aside():
                self._note(remark.note)
            case Context():
                if len(self._contexts) < _MOST_NOTES:
                    self._contexts.append(remark.note)
            case More():
                if self._last is not None:
                    longer = f"{self._last.message}; {remark.message}"
                    self._last.message = longer[:_LONGEST_MESSAGE]
            case Summary():
                self._sum_up(remark)

    def finish(self) -> list[Diagnostic]:
        """Return the diagnostics, each once.

        nvcc reads a file once for each side, and a header is read with every source.
        """
        kept = {_key(diagnostic): diagnostic for diagnostic in reversed(self._found)}
        return [each for each in self._found if kept[_key(each)] is each]

    def _begin(self, diagnostic: Diagnostic) -> None:
        diagnostic.message = diagnostic.message[:_LONGEST_MESSAGE]
        diagnostic.notes, self._contexts = self._contexts, []
        self._last = diagnostic
        self._found.append(diagnostic)

    def _note(self, note: Note) -> None:
        # How the compiler came to a note's place matters to nobody.
        self._contexts = []
        note.message = note.message[:_LONGEST_MESSAGE]
        if self._last is None:
            self._begin(
                Diagnostic(note.message, "note", note.file, note.line, note.column)
            )
            self._last = None
        elif len(self._last.notes) < _MOST_NOTES:
            self._last.notes.append(note)
            if not self._last.file and note.line is not None:
                self._last.file, self._last.line = note.file, note.line

    def _sum_up(self, summary: Summary) -> None:
        self._contexts = []
        if not any(known.severity == "error" for known in self._found):
            self._begin(Diagnostic(summary.message, "error"))


def _key(diagnostic: Diagnostic) -> tuple[object, ...]:
    return (
        diagnostic.file,
        diagnostic.line,
        diagnostic.column,
        diagnostic.severity,
        diagnostic.message,
    )

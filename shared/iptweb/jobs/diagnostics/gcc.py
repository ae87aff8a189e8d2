"""Lines of gcc, g++, clang and whatever calls them, such as mpicc; of the assembler.

```
./heat.c:3:5: warning: unused variable 'x' [-Wunused-variable]
./heat.c:9: Error: no such instruction: `frob'
gcc: error: unrecognized command-line option '--foo'
```
"""

import re
from typing import Final

from .model import Aside, Context, Diagnostic, Finding, Note, Remark, Severity

__all__ = ["read_gcc", "to_number"]

_SEVERITY: Final = (
    "(?P<severity>[Ff]atal error|[Ee]rror|[Ww]arning|[Nn]ote|remark|Info"
    "|internal compiler error|sorry, unimplemented)"
)
# A file's name may hold blanks and colons; it ends where a place and a severity follow.
_PLACE: Final = r"(?P<file>\S.*?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?"
_PLACED: Final = re.compile(rf"{_PLACE}: {_SEVERITY}: (?P<message>.*)")
_UNPLACED: Final = re.compile(rf"(?:[^\s:]{{1,200}}: )?{_SEVERITY}: (?P<message>.*)")
_INCLUDED: Final = re.compile(
    r"(?:In file included +| +)from (?P<file>\S.*?):(?P<line>\d{1,9})"
    r"(?::(?P<column>\d{1,9}))?[,:]?"
)
_REQUIRED: Final = re.compile(
    rf"{_PLACE}: {{2,8}}(?P<message>(?:recursively )?(?:required|instantiated) .*)"
)
_INSIDE: Final = re.compile(r"(?P<file>\S.*?): (?P<message>In \w.*)")
_OPTION: Final = re.compile(r"(.*?) \[(-[A-Za-z][^\[\] ]*)\]")
_SEVERITIES: Final[dict[str, Severity]] = {
    "warning": "warning",
    "note": "note",
    "remark": "note",
    "info": "note",
}


def read_gcc(line: str) -> Remark | None:
    """Return what a line says, None where it is of no form of ours."""
    if line[:1] == " " and not line.lstrip().startswith("from "):
        # The source line, with its marks below it.
        return None
    for form, note in ((_INCLUDED, "Included from here"), (_REQUIRED, "")):
        found = form.fullmatch(line)
        if found:
            return Context(_note(found, note or found["message"]))
    found = _PLACED.fullmatch(line)
    if found:
        return _to_remark(
            found["severity"],
            found["message"],
            file=found["file"],
            line=to_number(found["line"]),
            column=to_number(found["column"]),
        )
    found = _UNPLACED.fullmatch(line)
    if found:
        return _to_remark(found["severity"], found["message"])
    found = _INSIDE.fullmatch(line) if line.endswith(":") else None
    return Context(Note(found["message"][:-1], found["file"])) if found else None


def to_number(text: str | None) -> int | None:
    """Return a line's or a column's number; the linker writes 0 for none."""
    return (int(text) or None) if text else None


def _note(found: re.Match[str], message: str) -> Note:
    line, column = to_number(found["line"]), to_number(found["column"])
    return Note(message, found["file"], line, column)


def _to_remark(
    word: str,
    message: str,
    *,
    file: str = "",
    line: int | None = None,
    column: int | None = None,
) -> Remark:
    severity = _SEVERITIES.get(word.lower(), "error")
    if severity == "note":
        return Aside(Note(message.strip(), file, line, column))
    found = _OPTION.fullmatch(message)
    text, option = found.groups() if found else (message, "")
    return Finding(Diagnostic(text.strip(), severity, file, line, column, option))

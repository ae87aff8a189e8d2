"""Lines of linkers, and of what calls them.

```
/usr/bin/ld: /tmp/cc1.o: in function `main':
heat.c:(.text+0x5): undefined reference to `foo'
/usr/bin/ld: cannot find -lfoo: No such file or directory
collect2: error: ld returned 1 exit status
```
"""

import re
from typing import Final

from .gcc import to_number
from .model import (
    Aside,
    Context,
    Diagnostic,
    Finding,
    Note,
    Remark,
    Severity,
    Summary,
)

__all__ = ["read_linker"]

_LINKER: Final = re.compile(r"(?:[\w-]+-)?ld(?:\.\w+)?")
_LONGEST_TOOL: Final = 64
_INSIDE: Final = re.compile(r"\S.*?: in (?P<function>function .*)")
_PLACED: Final = re.compile(
    r"(?P<file>\S.*?):(?:(?P<line>\d{1,9})|\([^()]{1,200}\)): (?:error: )?"
    r"(?P<message>(?:more )?undefined references? to .*|multiple definition of .*"
    r"|relocation truncated to fit.*|syntax error|first defined here)"
)
_OBJECT: Final = re.compile(r".*\.(?:o|a|so)(?:\([^()]*\))?:(?P<source>.+)")
# What nvcc makes of a source file is named after it.
_OF_NVCC: Final = re.compile(
    r"(?:.*/)?tmpxft_[0-9a-f_]+-[0-9]+_(?P<name>.+)\.cudafe1\.(?:cpp|stub\.c|gpu)"
)
_REFERENCE: Final = re.compile(
    r">>> *(?:referenced by|defined (?:at|in)) (?P<file>\S.*?)"
    r"(?::(?P<line>\d{1,9}))?(?: \([^()]*\))?"
)
_SUMMARY: Final = re.compile(
    r"collect2: error: ld returned .*"
    r"|clang(?:\+\+)?(?:-\d{1,3})?: error: linker command failed .*"
)
# What a linker says without a severity is why it gives up, but for these.
_HARMLESS: Final = ("skipping incompatible ", "NOTE: ", "missing .note.GNU-stack ")


def read_linker(line: str) -> Remark | None:
    """Return what a line says, None where it is of no form of ours."""
    if _SUMMARY.fullmatch(line):
        return Summary(line)
    found = _REFERENCE.fullmatch(line)
    if found:
        number = to_number(found["line"])
        return Aside(Note(line.removeprefix(">>>").strip(), found["file"], number))
    tool, _, rest = line.partition(":")
    name = tool.rpartition("/")[2]
    if len(name) > _LONGEST_TOOL or not _LINKER.fullmatch(name):
        return _read_placed(line)
    rest = rest.strip()
    return _read_placed(rest) or (_read_plain(rest) if rest else None)


def _read_placed(text: str) -> Remark | None:
    inside = _INSIDE.fullmatch(text) if text.endswith(":") else None
    if inside:
        return Context(Note(f"In {inside['function'][:-1]}"))
    found = _PLACED.fullmatch(text)
    if found is None:
        return None
    line = to_number(found["line"])
    return Finding(Diagnostic(found["message"], "error", _source(found["file"]), line))


def _source(file: str) -> str:
    """Return the source file of what the linker names, as `heat.o:heat.c`."""
    found = _OBJECT.fullmatch(file)
    name = found["source"] if found else file
    made = _OF_NVCC.fullmatch(name)
    return f"{made['name']}.cu" if made else name


def _read_plain(text: str) -> Remark:
    word, _, message = text.partition(": ")
    if word == "note":
        return Aside(Note(message))
    severity: Severity = "error"
    if word in {"warning", "error", "fatal error"}:
        severity = "warning" if word == "warning" else "error"
        text = message
    elif any(harmless in text for harmless in _HARMLESS):
        severity = "warning"
    return Finding(Diagnostic(text, severity))

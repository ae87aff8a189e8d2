"""Lines of nvcc's own compilers; its host compiler is gcc.

```
./heat.cu(4): error: identifier "b" is undefined
./heat.cu(5): error: no instance of overloaded function "h" matches the argument list
            argument types are: (const char [2])
ptxas error   : Entry function '_Z1kPi' uses too much shared data
```
"""

import re
from typing import Final

from .gcc import to_number
from .model import Aside, Diagnostic, Finding, More, Note, Remark, Severity, Summary

__all__ = ["read_nvcc"]

_PLACED: Final = re.compile(
    r"(?P<file>\S.*?)\((?P<line>\d{1,9})\): "
    r"(?P<severity>(?:catastrophic |internal |command-line )?error|warning|remark|note)"
    r"(?: (?P<option>#\d{1,6}(?:-D)?))?: (?P<message>.*)"
)
_TOOL: Final = re.compile(
    r"(?:ptxas|nvlink|nvcc|fatbinary|cicc|cudafe\+\+)(?: .*?, line \d{1,9};)? "
    r"{0,2}(?P<severity>error|fatal|warning) {0,4}: (?P<message>.*)"
)
_ABORTED: Final = "Ptx assembly aborted due to errors"
# What goes on in the next lines stands farther in than any source line does.
_MORE: Final = re.compile(
    r" {10,14}(?P<message>(?:argument types? (?:is|are)"
    r"|object type is|operand types are|detected (?:during|at)"
    r"|instantiation of|implicit (?:generation|instantiation)"
    r"|function(?: template)? \"|because of|type \").*)"
)


def read_nvcc(line: str) -> Remark | None:
    """Return what a line says, None where it is of no form of ours."""
    if line[:1] == " ":
        found = _MORE.fullmatch(line)
        return More(found["message"]) if found else None
    found = _PLACED.fullmatch(line)
    if found:
        return _to_remark(found)
    found = _TOOL.fullmatch(line)
    if found:
        message = found["message"].strip()
        if message == _ABORTED:
            return Summary(message)
        return Finding(Diagnostic(message, _severity(found)))
    return None


def _to_remark(found: re.Match[str]) -> Remark:
    message, file = found["message"].strip(), found["file"]
    line = to_number(found["line"])
    if found["severity"] in {"remark", "note"}:
        return Aside(Note(message, file, line))
    option = found["option"] or ""
    return Finding(Diagnostic(message, _severity(found), file, line, option=option))


def _severity(found: re.Match[str]) -> Severity:
    return "warning" if found["severity"] == "warning" else "error"

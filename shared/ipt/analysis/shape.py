"""What rules a loop out by where it stands and how it can be left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.findings import Finding
from ipt.model import (
    Block,
    DoWhile,
    For,
    Jump,
    Node,
    Switch,
    While,
    children_of,
    parents_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.model import Function
    from ipt.source import Place

__all__ = ["has_directive", "shape_findings"]

_PRAGMA = re.compile(
    rb"^[ \t]*(?:#[ \t]*pragma|[^\n]*\b_Pragma\b)[^\n]*\bomp\b", re.MULTILINE
)
_ANY_PRAGMA = re.compile(rb"#[ \t]*pragma|_Pragma\b")
# More lines than a comment between a macro and a loop is likely to have.
_NEAR = 200
_WORD = re.compile(rb"[\w$]+\Z")


def has_directive(node: Node) -> bool:
    """Tell whether an OpenMP directive stands right before a statement."""
    return any(_PRAGMA.match(line) for line in _lines_before(node))


def _lines_before(node: Node) -> Iterator[bytes]:
    """Yield the preprocessor lines right before a statement, the last one first."""
    source = node.span.source
    start = source.line_start(node.span.start)
    while start > 0:
        end, start = start, source.line_start(start - 1)
        while start > 0 and source.bare[:start].rstrip().endswith(b"\\"):
            start = source.line_start(start - 1)
        line = source.bare[start:end].strip()
        if line.startswith((b"#", b"_Pragma")):
            yield line
        elif line:
            return


def shape_findings(function: Function, loop: For) -> list[Finding]:
    """Return what rules a loop out whatever its body computes."""
    place = loop.span.place
    found: list[Finding] = []
    if loop.in_macro:
        found.append(
            Finding(
                "IPT310",
                "the loop comes from a macro or an included file; an edit would have "
                "to go there.",
                place,
                way_out="Write the loop out.",
            )
        )
    elif not _begins_line(loop):
        found.append(
            Finding(
                "IPT313",
                "the loop does not begin its line, where a directive must go.",
                place,
                way_out="Put the for on a line of its own.",
            )
        )
    found += _directives(function, loop)
    for jump in exits(loop.body):
        found.append(
            Finding(
                "IPT306",
                f"{jump.kind} leaves the loop before its last iteration.",
                jump.span.place,
                way_out="Let the loop run to its end, and keep the result in a "
                "variable.",
            )
        )
    return found


def _begins_line(loop: For) -> bool:
    source = loop.span.source
    start = source.line_start(loop.span.start)
    # A backslash joins the line to the one before.
    before = source.data[source.data.rfind(b"\n", 0, max(start - 1, 0)) + 1 : start]
    is_joined = before.rstrip().endswith(b"\\")
    return source.indentation(loop.span.start) is not None and not is_joined


def _directives(function: Function, loop: For) -> list[Finding]:
    source = loop.span.source
    place = loop.span.place
    if has_directive(loop):
        return [
            Finding(
                "IPT320",
                "the loop has an OpenMP directive already.",
                place,
                way_out="Remove the directive to let ipt decide.",
            )
        ]
    if any(_ANY_PRAGMA.match(line) for line in _lines_before(loop)):
        return [_beside(place, "a pragma stands right before the loop")]
    if _follows_macro(function, loop):
        return [_beside(place, "a macro that may hold a directive stands before it")]
    around = [
        node for node in parents_of(function.body, loop)[1:] if has_directive(node)
    ]
    inside = _PRAGMA.search(source.bare, loop.span.start, loop.span.end)
    if not around and inside is None:
        return []
    return [
        Finding(
            "IPT320",
            "there is an OpenMP directive around or inside the loop.",
            place,
            way_out="Remove the directive to let ipt decide.",
        )
    ]


def _beside(place: Place, what: str) -> Finding:
    return Finding("IPT320", f"{what}.", place, way_out="Remove it to let ipt decide.")


def _follows_macro(function: Function, loop: For) -> bool:
    """Tell whether what stands before a loop ends no statement."""
    before = _code_before(loop.span.source.bare, loop.span.start)
    word = _WORD.search(before)
    if word is not None:
        return word[0] not in (b"else", b"do")
    path = parents_of(function.body, loop)
    return before.endswith(b")") and bool(path) and isinstance(path[-1], Block)


def _code_before(bare: bytes, end: int) -> bytes:
    """Return the last line before an offset that is neither blank nor a directive."""
    for _ in range(_NEAR):
        start = bare.rfind(b"\n", 0, max(end, 0)) + 1
        line = bare[start:end].strip() if end >= 0 else b""
        if line and not line.startswith(b"#"):
            return line
        end = start - 1
    return b""


def exits(
    node: Node, *, breaks: bool = True, continues: bool = False
) -> Iterator[Jump]:
    """Yield the jumps out of a loop body."""
    if isinstance(node, Jump):
        leaves = {"return": True, "goto": True, "break": breaks, "continue": continues}
        if leaves[node.kind]:
            yield node
        return
    catches = isinstance(node, For | While | DoWhile | Switch)
    for child in children_of(node):
        yield from exits(child, breaks=breaks and not catches, continues=continues)

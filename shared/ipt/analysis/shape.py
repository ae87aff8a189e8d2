"""What rules a loop out by where it stands and how it can be left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.findings import Finding
from ipt.model import (
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

    from ipt.model import Function, Program

__all__ = ["has_directive", "shape_findings"]

_PRAGMA = re.compile(rb"^[ \t]*(?:#[ \t]*pragma|_Pragma)[^\n]*\bomp\b", re.MULTILINE)


def has_directive(program: Program, node: Node) -> bool:
    """Tell whether an OpenMP directive stands right before a statement."""
    source = program.source
    start = source.line_start(node.span.start)
    while start > 0:
        end, start = start, source.line_start(start - 1)
        line = source.data[start:end].strip()
        if _PRAGMA.match(line):
            return True
        if line and not line.endswith(b"\\"):
            return False
    return False


def shape_findings(program: Program, function: Function, loop: For) -> list[Finding]:
    """Return what rules a loop out whatever its body computes."""
    source = program.source
    place = source.place(loop.span.start)
    found: list[Finding] = []
    if loop.in_macro:
        found.append(
            Finding(
                "IPT310",
                "the loop comes from a macro; an edit would have to go into the macro.",
                place,
                way_out="Write the loop out.",
            )
        )
    elif not _begins_line(program, loop):
        found.append(
            Finding(
                "IPT313",
                "the loop does not begin its line, where a directive must go.",
                place,
                way_out="Put the for on a line of its own.",
            )
        )
    found += _directives(program, function, loop)
    for jump in exits(loop.body):
        found.append(
            Finding(
                "IPT306",
                f"{jump.kind} leaves the loop before its last iteration.",
                source.place(jump.span.start),
                way_out="Let the loop run to its end, and keep the result in a "
                "variable.",
            )
        )
    return found


def _begins_line(program: Program, loop: For) -> bool:
    source = program.source
    start = source.line_start(loop.span.start)
    # A backslash joins the line to the one before.
    is_joined = source.data[:start].rstrip(b"\r\n").endswith(b"\\")
    return source.indentation(loop.span.start) is not None and not is_joined


def _directives(program: Program, function: Function, loop: For) -> list[Finding]:
    source = program.source
    place = source.place(loop.span.start)
    if has_directive(program, loop):
        return [
            Finding(
                "IPT320",
                "the loop has an OpenMP directive already.",
                place,
                way_out="Remove the directive to let ipt decide.",
            )
        ]
    around = [
        node for node in parents_of(function.body, loop) if has_directive(program, node)
    ]
    inside = _PRAGMA.search(source.data, loop.span.start, loop.span.end)
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

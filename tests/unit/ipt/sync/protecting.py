"""Protections that a snippet names by comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.sync import protect_loop
from ipt.model import Block, For, If, Statement, children_of, for_loops, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.analysis import Assumption, LoopVerdict
    from ipt.model import Function, Node, Program

__all__ = ["marked_loop", "marked_protections", "protected_verdict"]

_MARK = re.compile(r"//! (\w+)(?: (read|write|update|capture))?(?: \((\w+)\))?\s*$")


def marked_loop(program: Program) -> tuple[Function, For]:
    """Return the outermost loop that has marks in it."""
    for function in program.functions:
        for loop in for_loops(function.body):
            if any("//! " in text for _, text in loop.span.source.lines(loop.span)):
                return function, loop
    raise ValueError("no loop is marked")


def marked_protections(loop: For) -> list[Protection]:
    """Return the protections that end-of-line comments ask for.

    `//! critical`, `//! atomic update` or `//! critical (name)` in the line in
    which a statement begins protect it; neighbouring statements with the same
    mark are one piece.
    """
    found: list[tuple[re.Match[str], list[Statement]]] = []
    marked: set[int] = set()
    for siblings in _blocks(loop.body):
        is_next = False
        for each in siblings:
            mark = _MARK.search(each.span.source.line(each.span.line))
            if mark is None or _is_around(each, mark) or id(each) in marked:
                is_next = False
                continue
            marked |= {id(node) for node in walk(each)}
            if is_next and found[-1][0][0].strip() == mark[0].strip():
                found[-1][1].append(each)
            else:
                found.append((mark, [each]))
            is_next = True
    return [
        Protection(_kind(mark), tuple(statements), mark[3] or "")
        for mark, statements in found
    ]


def protected_verdict(
    program: Program, accepted: Sequence[Assumption] = ()
) -> LoopVerdict:
    """Return the verdict on the marked loop with what its marks protect."""
    function, loop = marked_loop(program)
    protections = marked_protections(loop)
    return protect_loop(Analyzer(program), function, loop, protections, accepted)


def _is_around(node: Statement, mark: re.Match[str]) -> bool:
    """Tell whether a mark is not for a statement, but for one inside of it."""
    is_atomic = mark[1] == "atomic"
    return isinstance(node, Block) or (is_atomic and isinstance(node, If | For))


def _kind(mark: re.Match[str]) -> ProtectionKind:
    return ProtectionKind(" ".join(each for each in mark.group(1, 2) if each))


def _blocks(node: Node) -> Iterator[Sequence[Statement]]:
    """Yield the statements that follow each other, outermost first."""
    if isinstance(node, Block):
        yield node.body
    elif isinstance(node, Statement.__args__):
        yield (node,)
    for child in children_of(node):
        if isinstance(child, Statement.__args__):
            yield from _blocks(child)

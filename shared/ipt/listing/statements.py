"""What begins on each line of a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.model import (
    Block,
    Case,
    Declarator,
    For,
    Label,
    Switch,
    children_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.model import Function, Node, Statement

__all__ = ["ListedLine", "listed_lines", "listing_of", "print_listing"]


@dataclass(frozen=True, slots=True)
class ListedLine:
    """One line on which a complete statement begins.

    Attributes:
        number: The line of the file.
        statements: What begins there: neighbours in one block, the first of
            them being the first thing on its line.
        block: The statements among which they stand.
    """

    number: int
    statements: tuple[Statement, ...]
    block: tuple[Statement, ...]


def listed_lines(function: Function) -> dict[int, ListedLine]:
    """Return the lines on which complete statements begin, by their number.

    A statement counts if a directive could be put in front of it and a brace
    behind it: it stands in a block or is the body of a loop or a branch, and
    is the first thing on its line.
    """
    found: dict[int, ListedLine] = {}
    for block in _blocks(function.body):
        for index, statement in enumerate(block):
            line = statement.span.line
            source = statement.span.source
            begins = source.indentation(statement.span.start) is not None
            if not begins or line in found or source is not function.span.source:
                continue
            beside = [each for each in block[index:] if each.span.line == line]
            found[line] = ListedLine(line, tuple(beside), block)
    return found


def _blocks(node: Node) -> Iterator[tuple[Statement, ...]]:
    """Yield lists of neighbouring statements, outer ones first."""
    if isinstance(node, Block):
        yield node.body
    for child in children_of(node):
        if isinstance(node, Block):
            yield from _blocks(child)
            continue
        is_head = isinstance(node, For) and child is node.init
        if is_head or isinstance(child, Declarator):
            continue
        if _is_lone(node, child):
            yield (child,)  # type: ignore[misc]  # a body is a statement
        yield from _blocks(child)


def _is_lone(parent: Node, child: Node) -> bool:
    """Tell whether a node is a statement without braces around it."""
    labelled = isinstance(parent, Case | Label | Switch)
    bodies = (getattr(parent, name, None) for name in ("body", "then", "otherwise"))
    is_body = any(child is each for each in bodies)
    return is_body and not labelled and not isinstance(child, Block)


def listing_of(function: Function) -> tuple[tuple[int, str], ...]:
    """Return the lines of a function, those numbered that begin a statement.

    Args:
        function: The function.

    Returns:
        The text of each line, with its number in the file, or 0 where a line
        answer cannot begin.
    """
    known = listed_lines(function)
    return tuple(
        (number if number in known else 0, text)
        for number, text in function.span.source.lines(function.span)
    )


def print_listing(function: Function) -> str:
    """Return the listing of a function as text, for a file."""
    lines = listing_of(function)
    digits = len(str(max((number for number, _ in lines), default=0)))
    place = function.span.place
    head = f"{function.name}, {place.name}:{place.line}"
    body = [f"{number or '':>{digits}} : {text}".rstrip() for number, text in lines]
    return "\n".join([head, *body]) + "\n"

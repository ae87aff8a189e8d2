"""The functions of a program in the order of their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.model import Call, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.model import Function, Program

__all__ = ["callers_first"]


def callers_first(program: Program) -> list[Function]:
    """Return the functions so that callers precede what they call.

    Among functions that call each other in a circle the order is that of the
    text.  What headers and templates give is not offered.
    """
    done: list[Function] = []
    seen: set[Function] = set()
    # Last things first: the order is turned round in the end.
    for start in reversed(program.functions):
        _visit(program, start, seen, done)
    offered = set(program.functions)
    return [each for each in reversed(done) if each in offered]


def _visit(
    program: Program, start: Function, seen: set[Function], done: list[Function]
) -> None:
    if start in seen:
        return
    seen.add(start)
    stack = [(start, _called(program, start))]
    while stack:
        _, rest = stack[-1]
        following = next((each for each in rest if each not in seen), None)
        if following is None:
            done.append(stack.pop()[0])
        else:
            seen.add(following)
            stack.append((following, _called(program, following)))


def _called(program: Program, function: Function) -> Iterator[Function]:
    for node in walk(function.body):
        if isinstance(node, Call) and node.key in program.by_key:
            yield program.by_key[node.key]

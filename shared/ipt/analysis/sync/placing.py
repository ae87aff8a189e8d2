"""Where the directives of protected statements may stand.

OpenMP 5.2: structured blocks have one entry and one exit (section 4.3.1);
`single` and `master` may not be inside a worksharing loop (section 17.1); an
iteration executes at most one `ordered` region (section 15.10.2).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ipt.analysis.protection import ProtectionKind
from ipt.analysis.sync.forms import atomic_forms
from ipt.analysis.writes import called_functions
from ipt.findings import Finding
from ipt.model import (
    Block,
    Declaration,
    DoWhile,
    For,
    Jump,
    Node,
    Switch,
    VarRef,
    While,
    children_of,
    in_macro,
    parents_of,
    text_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.analysis.protection import Protection
    from ipt.model import Program, Statement

__all__ = ["leaving_jumps", "misplaced"]

_LOOPS = For | While | DoWhile
_OF_TEAM = (ProtectionKind.SINGLE, ProtectionKind.MASTER)
_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*pragma[ \t]+omp\b", re.MULTILINE)


def misplaced(
    program: Program, loop: For, protections: Sequence[Protection]
) -> list[Finding]:
    """Return what is wrong with the places and kinds of protections in a loop."""
    found: list[Finding] = []
    taken: set[int] = set()
    for each in protections:
        reason = _reason(program, loop, each)
        inside = {id(node) for part in each.statements for node in walk(part)}
        if not reason and inside & taken:
            reason = "IPT334", "it is protected twice", "Protect it once."
        taken |= inside
        if reason:
            code, why, way_out = reason
            message = f"{each.kind.value} cannot protect {_named(each)}: {why}."
            place = each.statements[0].span.place
            found.append(Finding(code, message, place, (), way_out))
    ordered = [each for each in protections if each.kind is ProtectionKind.ORDERED]
    if len(ordered) > 1:
        message = "an iteration may come to one ordered piece only, and there are two."
        place = ordered[1].statements[0].span.place
        way_out = "Put both into one piece."
        found.append(Finding("IPT334", message, place, (), way_out))
    return found


def _named(protection: Protection) -> str:
    first, last = protection.statements[0].span, protection.statements[-1].span
    end = last.source.line_number(max(last.start, last.end - 1))
    if end == first.line:
        text = text_of(protection.statements[0])
        return f"{text!r}" if len(protection.statements) == 1 else f"line {end}"
    return f"lines {first.line} to {end}"


def _reason(
    program: Program, loop: For, protection: Protection
) -> tuple[str, str, str] | None:
    """Return code, reason and way out if a protection cannot stand."""
    if protection.kind in _OF_TEAM:
        return (
            "IPT334",
            (
                "the iterations of the loop around it are shared out, and each thread "
                "has other ones"
            ),
            "Let critical protect it, or put it behind the loop.",
        )
    if any(in_macro(each) for each in protection.statements):
        return "IPT335", "it comes from a macro", "Write it out."
    if not _are_neighbours(loop, protection.statements):
        return (
            "IPT334",
            "the statements do not follow each other in one block of the loop",
            "Choose whole statements of one block.",
        )
    if protection.is_atomic and protection.kind not in {
        form.kind for form in atomic_forms(protection.statements)
    }:
        return "IPT333", "it has none of the forms of atomic", "Use critical."
    return _structure(program, loop, protection)


def _structure(
    program: Program, loop: For, protection: Protection
) -> tuple[str, str, str] | None:
    statements = protection.statements
    for each in statements:
        jump = next(leaving_jumps(each), None)
        if jump is not None:
            why = f"{jump.kind} in line {jump.span.line} leaves it"
            return "IPT334", why, "Decide before it, and jump behind it."
    name = _declared_for_others(loop, statements)
    if name:
        why = f"{name} is declared there and used elsewhere"
        return "IPT334", why, f"Declare {name} before it."
    path = parents_of(loop.body, statements[0])
    is_repeated = any(isinstance(each, _LOOPS) for each in path)
    if protection.kind is ProtectionKind.ORDERED and is_repeated:
        why = "an inner loop comes to it more than once in an iteration"
        return "IPT334", why, "Let the inner loop be part of it."
    for key in {k for each in statements for k in called_functions(each, program)}:
        span = program.by_key[key].span
        if _DIRECTIVE.search(span.source.bare, span.start, span.end):
            why = f"{program.by_key[key].name}() has OpenMP directives of its own"
            return "IPT334", why, "Remove them."
    return None


def _are_neighbours(loop: For, statements: Sequence[Statement]) -> bool:
    if statements[0] is loop.body:
        return len(statements) == 1
    path = parents_of(loop.body, statements[0])
    if not path:
        return False
    if len(statements) == 1:
        return True
    if not isinstance(path[-1], Block):
        return False
    body = path[-1].body
    start = next(n for n, each in enumerate(body) if each is statements[0])
    part = body[start : start + len(statements)]
    return len(part) == len(statements) and all(
        one is other for one, other in zip(part, statements, strict=True)
    )


def _declared_for_others(loop: For, statements: Sequence[Statement]) -> str:
    """Return a variable that braces around the statements would hide."""
    declared = {
        each.variable
        for statement in statements
        if isinstance(statement, Declaration)
        for each in statement.declarators
    }
    if declared and len(statements) == 1:
        return min(each.name for each in declared)
    inside = {id(node) for each in statements for node in walk(each)}
    used = {
        each.variable
        for each in walk(loop.body)
        if isinstance(each, VarRef) and id(each) not in inside
    }
    return min((each.name for each in declared & used), default="")


def leaving_jumps(
    node: Node, *, breaks: bool = True, continues: bool = True
) -> Iterator[Jump]:
    """Yield the jumps that may leave a statement."""
    if isinstance(node, Jump):
        stays = {"break": not breaks, "continue": not continues}
        if not stays.get(node.kind, False):
            yield node
        return
    is_loop = isinstance(node, _LOOPS)
    for child in children_of(node):
        yield from leaving_jumps(
            child,
            breaks=breaks and not (is_loop or isinstance(node, Switch)),
            continues=continues and not is_loop,
        )

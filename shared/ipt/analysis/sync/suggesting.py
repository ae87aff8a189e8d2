"""The smallest protection that lets a refused loop run in parallel.

The refusals name what iterations share.  The statements that touch it are
protected in the cheapest way that `protect_loop` proves: atomics, then small
critical pieces, then one piece; output stays in order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ipt.analysis.effects import EffectKind, effects_of
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.sync.forms import atomic_forms, base_of
from ipt.analysis.sync.loop import protect_loop
from ipt.analysis.sync.residual import STREAMS
from ipt.analysis.verdict import Status
from ipt.analysis.writes import called_functions
from ipt.model import (
    Block,
    Declaration,
    DoWhile,
    Expression,
    For,
    Statement,
    VarRef,
    While,
    children_of,
    parents_of,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ipt.analysis.analyzer import Analyzer
    from ipt.findings import Finding
    from ipt.model import Function, Node, Program

__all__ = ["suggest_protections"]

_MOST_ROUNDS = 4
_OUTPUT = "IPT307"
_SHARED = frozenset(
    f"IPT{number}" for number in (301, 302, 303, 304, 312, 315, 316, 319, 322, 331)
)
_BY_NAME = ("IPT303", "IPT304", "IPT312", "IPT319")
_NAME = re.compile(r"\*?\(?([A-Za-z_]\w*)")
# Statements of one block, and whether they print.
_Piece: TypeAlias = "tuple[Statement, ...]"


def _prints(program: Program, node: Node) -> bool:
    kinds = {each.kind for each in effects_of([node], program)}
    return EffectKind.STREAM in kinds and EffectKind.ANYTHING not in kinds


def suggest_protections(
    analyzer: Analyzer, function: Function, loop: For
) -> list[Protection]:
    """Return protections under which a refused loop can run in parallel.

    Args:
        analyzer: Of the program.
        function: The function that the loop is in.
        loop: The loop.

    Returns:
        The protections; none if the loop needs none, or if there are none that
        `protect_loop` accepts and that leave work to be done in parallel.
    """
    verdict = analyzer.analyze(function, loop)
    if verdict.status is not Status.REFUSED:
        return []
    return _Search(analyzer, function, loop).run(verdict.refusals)


@dataclass
class _Search:
    analyzer: Analyzer
    function: Function
    loop: For

    def run(self, refusals: Sequence[Finding]) -> list[Protection]:
        names: set[str] = set()
        prints = False
        for _ in range(_MOST_ROUNDS):
            refusals = [each for each in refusals if not _is_stream(each)]
            if any(each.code not in {*_SHARED, _OUTPUT} for each in refusals):
                return []
            # What is written by its name often decides what else is shared.
            plain = [each for each in refusals if each.code in _BY_NAME]
            more = {name for each in plain or refusals for name in _names(each)}
            is_new = not more <= names
            names |= more
            had, prints = prints, prints or any(r.code == _OUTPUT for r in refusals)
            if not is_new and had == prints:
                return []
            refusals = []
            for found in self._candidates(names, prints=prints):
                verdict = protect_loop(self.analyzer, self.function, self.loop, found)
                if verdict.status is not Status.REFUSED:
                    return found
                refusals = [*refusals, *verdict.refusals]
            refusals = [each for each in refusals if each.code in _SHARED]
            if not refusals:
                return []
        return []

    def _candidates(
        self, names: Collection[str], *, prints: bool
    ) -> Iterator[list[Protection]]:
        """Yield protections of all statements that touch some names."""
        program = self.analyzer.program

        def touches(node: Node) -> bool:
            return any(
                isinstance(each, VarRef) and each.variable.name in names
                for each in walk(node)
            )

        pieces = [*_pieces(self.loop.body, touches)] if names else []
        output = [*_pieces(self.loop.body, lambda node: _prints(program, node))]
        output = output if prints else []
        if output and not self._leaves_work(output, much=True):
            return
        ordered = _joined(self.loop, output)
        if output and ordered is None:
            return
        serial = (
            [] if ordered is None else [Protection(ProtectionKind.ORDERED, ordered)]
        )
        atomic = [_atomic(each, names) for each in pieces]
        if all(each is not None for each in atomic):
            yield [*(each for each in atomic if each is not None), *serial]
        pairs = _captures(self.loop, pieces)
        if pairs:
            yield [*pairs, *serial]
        if pieces and self._leaves_work(pieces):
            critical = ProtectionKind.CRITICAL
            yield [*(Protection(critical, each) for each in pieces), *serial]
            joined = _joined(self.loop, [*pieces, *output])
            if joined is None:
                return
            if not output and self._leaves_work([joined]):
                yield [Protection(critical, joined)]
            if self._leaves_work([joined], much=True):
                yield [Protection(ProtectionKind.ORDERED, joined)]

    def _leaves_work(self, pieces: Sequence[_Piece], *, much: bool = False) -> bool:
        """Tell whether something of the body stays outside of the pieces.

        Args:
            pieces: Neighbouring statements.
            much: Whether it must be a loop or the call of a function.
        """
        body = self.loop.body
        every = body.body if isinstance(body, Block) else (body,)
        inside = {id(each) for piece in pieces for each in piece}
        rest = [each for each in every if id(each) not in inside]
        if much:
            program = self.analyzer.program
            return any(
                _is_long(each) or called_functions(each, program) for each in rest
            )
        return any(_has_work(each) for each in rest)


def _is_long(node: Node) -> bool:
    return any(isinstance(each, For | While | DoWhile) for each in walk(node))


def _has_work(node: Node) -> bool:
    """Tell whether a statement computes something."""
    return any(
        isinstance(each, Expression.__args__) and not isinstance(each, VarRef)
        for each in walk(node)
    )


def _is_stream(finding: Finding) -> bool:
    """Tell whether a refusal is about the name of a C++ stream only."""
    return bool(finding.variables) and STREAMS.issuperset(finding.variables)


def _names(finding: Finding) -> list[str]:
    """Return the variables that a refusal is about."""
    found = [_NAME.match(text) for text in finding.variables]
    return [match[1] for match in found if match is not None]


def _pieces(node: Statement, touches: Callable[[Node], bool]) -> Iterator[_Piece]:
    """Yield the smallest statements that touch something, one by one.

    A declaration is taken with all that follows it up to its variables' last use.
    """
    if not touches(node):
        return
    if isinstance(node, Block):
        yield from _of_block(node, touches)
        return
    below = [*children_of(node)]
    own = [each for each in below if not isinstance(each, Statement.__args__)]
    inner = [each for each in below if isinstance(each, Statement.__args__)]
    if any(touches(each) for each in own) or not inner:
        yield (node,)
        return
    for each in inner:
        yield from _pieces(each, touches)


def _of_block(node: Block, touches: Callable[[Node], bool]) -> Iterator[_Piece]:
    position = 0
    while position < len(node.body):
        each = node.body[position]
        if isinstance(each, Declaration) and touches(each):
            end = _last_use(node, position)
            yield node.body[position : end + 1]
            position = end + 1
            continue
        yield from _pieces(each, touches)
        position += 1


def _last_use(block: Block, position: int) -> int:
    declaration = block.body[position]
    assert isinstance(declaration, Declaration)  # noqa: S101 - the caller looked
    declared = {each.variable for each in declaration.declarators}
    uses = [
        number
        for number, each in enumerate(block.body)
        if any(isinstance(n, VarRef) and n.variable in declared for n in walk(each))
    ]
    return max(uses, default=position)


def _atomic(piece: _Piece, names: Collection[str]) -> Protection | None:
    """Return the atomic that protects a piece, if it has a form for one."""
    for form in atomic_forms(piece):
        if form.kind is ProtectionKind.ATOMIC_READ:
            # What an iteration reads would depend on who came before.
            continue
        base = base_of(form.target)
        if base is not None and base.name in names:
            return Protection(form.kind, piece)
    return None


def _captures(loop: For, pieces: Sequence[_Piece]) -> list[Protection]:
    """Return the capture that two neighbouring statements make together."""
    if len(pieces) != 2 or any(len(each) != 1 for each in pieces):  # noqa: PLR2004 - a pair
        return []
    joined = _joined(loop, pieces)
    if joined is None or len(joined) != len(pieces):
        return []
    return [Protection(each.kind, joined) for each in atomic_forms(joined)[:1]]


def _joined(loop: For, pieces: Sequence[_Piece]) -> _Piece | None:
    """Return the statements of one block from the first piece to the last."""
    if not pieces:
        return None
    if len(pieces) == 1:
        return pieces[0]
    paths = [parents_of(loop.body, each[0]) for each in pieces]
    common = [
        node
        for level, node in enumerate(paths[0])
        if all(len(path) > level and path[level] is node for path in paths)
    ]
    block = next((each for each in reversed(common) if isinstance(each, Block)), None)
    if block is None:
        return None
    inside = {id(each) for piece in pieces for each in piece}
    held = [
        number
        for number, each in enumerate(block.body)
        if any(id(node) in inside for node in walk(each))
    ]
    return block.body[held[0] : held[-1] + 1]

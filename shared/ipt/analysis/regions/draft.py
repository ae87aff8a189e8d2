"""How the statements of a region hang together, before it is decided who does them.

A loop that can run in parallel becomes a worksharing loop.  What is around
such loops is followed by every thread; all else is plain.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from ipt.analysis.regions.verdict import RegionPart
from ipt.analysis.verdict import Status
from ipt.findings import Finding
from ipt.model import (
    Block,
    Case,
    Declaration,
    DoWhile,
    For,
    If,
    Jump,
    Label,
    OpaqueStatement,
    Switch,
    While,
    children_of,
    for_loops,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from ipt.analysis.frames import Key
    from ipt.analysis.verdict import LoopVerdict
    from ipt.model import Node, Statement

__all__ = ["Draft", "Drafter", "drafts_in"]

DraftKind: TypeAlias = Literal["for", "single", "master", "every", "plain"]

# Advice that a loop is not worth it however often threads are started.
_NO_GAIN = frozenset(("IPT106", "IPT108"))


@dataclass(eq=False)
class Draft:
    """A part in the making; owned by the analysis of its region.

    Attributes:
        kind: That of the part; `plain` as long as it is not decided.
        verdict: On a worksharing loop.
        inner: The parts of a body or of the branch that is taken.
        otherwise: The parts of the `else` branch.
        in_block: Whether other statements may be put before and behind it.
        is_followed: Whether every thread goes through the parts inside.
        own: Variables of which the loop has a copy for each thread.
    """

    statements: tuple[Statement, ...]
    kind: DraftKind
    verdict: LoopVerdict | None = None
    inner: list[Draft] = field(default_factory=list)
    otherwise: list[Draft] = field(default_factory=list)
    in_block: bool = True
    is_followed: bool = False
    barrier: bool = False
    nowait: bool = False
    same_threads: list[For] = field(default_factory=list)
    private: tuple[str, ...] = ()
    own: frozenset[Key] = frozenset()

    @property
    def statement(self) -> Statement:
        """The first statement."""
        return self.statements[0]

    def part(self) -> RegionPart:
        """Return the part as it is now."""
        assert self.kind != "plain"  # noqa: S101 - the roles decide each kind
        return RegionPart(
            self.statements,
            self.kind,
            self.verdict,
            nowait=self.nowait,
            same_threads=tuple(self.same_threads) if self.nowait else (),
            barrier=self.barrier,
            private=self.private,
            parts=tuple(each.part() for each in (*self.inner, *self.otherwise)),
        )


def drafts_in(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """Yield some drafts and all inside them, in the order of the text."""
    for each in drafts:
        yield each
        yield from drafts_in(each.inner)
        yield from drafts_in(each.otherwise)


def _leaving(node: Node, caught: frozenset[str] = frozenset()) -> Iterator[Jump]:
    """Yield the jumps that lead out of a node."""
    if isinstance(node, Jump) and node.kind not in caught:
        yield node
    if isinstance(node, For | While | DoWhile):
        caught |= {"break", "continue"}
    elif isinstance(node, Switch):
        caught |= {"break"}
    for child in children_of(node):
        yield from _leaving(child, caught)


class Drafter:
    """Makes the drafts of one region; owns the findings that it makes.

    Loops of a few iterations are shared out only where that is asked for.
    """

    def __init__(
        self,
        judge: Callable[[For], LoopVerdict],
        forced: Collection[Statement] = (),
        *,
        takes_small: bool = False,
    ) -> None:
        self._judge = judge
        self._forced = forced
        self._takes_small = takes_small
        self.findings: list[Finding] = []

    def is_shared_out(self, loop: For) -> bool:
        """Tell whether the iterations of a loop are shared out."""
        verdict = self._judge(loop)
        is_small = any(each.code in _NO_GAIN for each in verdict.findings)
        if is_small and not self._takes_small:
            return False
        return verdict.status is not Status.REFUSED

    def drafts(
        self,
        statements: Sequence[Statement],
        *,
        in_block: bool = True,
        in_loop: bool = False,
    ) -> list[Draft]:
        """Return the drafts of consecutive statements.

        Args:
            statements: The statements.
            in_block: Whether lines may be put between them.
            in_loop: Whether a loop of the region is around them, which `break`
                may leave.
        """
        return [
            self._draft(each, in_block=in_block, in_loop=in_loop) for each in statements
        ]

    def _draft(self, node: Statement, *, in_block: bool, in_loop: bool) -> Draft:
        made = Draft((node,), "plain", in_block=in_block)
        match node:
            case _ if node in self._forced:
                self._check_plain(node)
            case For() if self.is_shared_out(node):
                made.kind, made.verdict = "for", self._judge(node)
            case Declaration():
                made.kind = "every"
            case Jump():
                made.kind = "every"
                if not in_loop or node.kind not in ("break", "continue"):
                    self._leaves(node)
            case Label() | Case() | OpaqueStatement():
                self._not_understood(node)
            case For() | While() | DoWhile() | If() | Block():
                if self._is_followed(node, in_loop=in_loop):
                    self._follow(made, node, in_loop=in_loop)
                else:
                    self._check_plain(node)
            case _:
                self._check_plain(node)
        return made

    def _is_followed(self, node: Statement, *, in_loop: bool) -> bool:
        """Tell whether every thread goes through a statement's parts."""
        if any(self.is_shared_out(each) for each in for_loops(node)):
            return True
        return in_loop and any(
            each.kind in ("break", "continue") for each in _leaving(node)
        )

    def _follow(self, made: Draft, node: Statement, *, in_loop: bool) -> None:
        made.kind, made.is_followed = "every", True
        match node:
            case For() | While() | DoWhile():
                made.inner = self._body(node.body, in_loop=True)
            case If():
                made.inner = self._body(node.then, in_loop=in_loop)
                if node.otherwise is not None:
                    made.otherwise = self._body(node.otherwise, in_loop=in_loop)
            case Block():
                made.inner = self._body(node, in_loop=in_loop)
            case _:
                pass

    def _body(self, body: Statement, *, in_loop: bool) -> list[Draft]:
        if isinstance(body, Block):
            return self.drafts(body.body, in_loop=in_loop)
        return self.drafts([body], in_block=False, in_loop=in_loop)

    def _check_plain(self, node: Statement) -> None:
        for jump in _leaving(node):
            self._leaves(jump)
        for each in walk(node):
            if isinstance(each, Label | OpaqueStatement):
                self._not_understood(each)

    def _leaves(self, jump: Jump) -> None:
        self.findings.append(
            Finding(
                "IPT328",
                f"{jump.kind} would leave the parallel region, which all threads must "
                "enter and leave together.",
                jump.span.place,
                way_out="End the region before it, or set a variable and test it "
                "behind the region.",
            )
        )

    def _not_understood(self, node: Label | Case | OpaqueStatement) -> None:
        what = f"this {node.what}" if isinstance(node, OpaqueStatement) else "a label"
        self.findings.append(
            Finding(
                "IPT330",
                f"{what} cannot stand in a parallel region.",
                node.span.place,
                way_out="End the region before it.",
            )
        )

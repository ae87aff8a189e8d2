"""The order in which each thread goes through the parts of a region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis.regions.usage import header_of
from ipt.analysis.runs import Run
from ipt.model import Block, DoWhile, Evaluate, If, Jump

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ipt.analysis.frames import Key
    from ipt.analysis.regions.draft import Draft
    from ipt.model import Expression, Statement

__all__ = ["Step", "reachable", "steps_of"]


@dataclass(eq=False)
class Step:
    """What a thread does at one point, and where it goes from there.

    Attributes:
        draft: The part that it is; None for the header of a loop or branch.
        waits: Whether threads wait for each other behind it, at present.
    """

    run: Run
    draft: Draft | None = None
    waits: bool = False
    following: list[Step] = field(default_factory=list)

    @property
    def waits_before(self) -> bool:
        """Whether threads wait for each other in front of it."""
        return self.draft is not None and self.draft.barrier

    @property
    def is_even(self) -> bool:
        """Whether every thread does it, on variables of its own."""
        return self.draft is None or self.draft.kind == "every"


def steps_of(drafts: Sequence[Draft], own: frozenset[Key]) -> list[Step]:
    """Return all steps of a region, joined in the order in which they are done.

    Args:
        drafts: The drafts of the region.
        own: The variables that each thread has for itself.
    """
    builder = _Builder(own)
    builder.block(drafts, [builder.step(())])
    return builder.steps


def reachable(start: Step) -> list[Step]:
    """Return the steps that a thread may get to while another one is at `start`."""
    found: list[Step] = []
    pending = [] if start.waits else list(start.following)
    while pending:
        step = pending.pop()
        if step in found or step.waits_before:
            continue
        found.append(step)
        if not step.waits:
            pending += step.following
    return found


@dataclass
class _Loop:
    """Where `break` and `continue` lead."""

    leaving: list[Step] = field(default_factory=list)
    again: list[Step] = field(default_factory=list)


class _Builder:
    def __init__(self, own: frozenset[Key]) -> None:
        self._own = own
        self._loops: list[_Loop] = []
        self.steps: list[Step] = []

    def step(self, statements: tuple[Statement, ...]) -> Step:
        """Return a new step."""
        made = Step(Run(statements, self._own))
        self.steps.append(made)
        return made

    def _evaluation(self, node: Expression | None) -> Step:
        return self.step(() if node is None else (Evaluate(node.span, node),))

    def _join(self, before: Iterable[Step], after: Step) -> list[Step]:
        for each in before:
            if after not in each.following:
                each.following.append(after)
        return [after]

    def block(self, drafts: Sequence[Draft], before: list[Step]) -> list[Step]:
        """Add the steps of a block, and return the last ones."""
        for draft in drafts:
            before = self._draft(draft, before)
        return before

    def _draft(self, draft: Draft, before: list[Step]) -> list[Step]:
        node = draft.statement
        if isinstance(node, Jump):
            loop = self._loops[-1]
            (loop.leaving if node.kind == "break" else loop.again).extend(before)
            return []
        if not draft.is_followed:
            return self._join(before, self._leaf(draft))
        match node:
            case If():
                test = self._evaluation(node.condition)
                self._join(before, test)
                return [
                    *self.block(draft.inner, [test]),
                    *self.block(draft.otherwise, [test]),
                ]
            case Block():
                return self.block(draft.inner, before)
            case DoWhile():
                return self._until(draft, node, before)
            case _:
                return self._while(draft, before)

    def _leaf(self, draft: Draft) -> Step:
        made = self.step(_without_empty(draft.statements))
        made.draft, made.waits = draft, draft.kind != "every" and not draft.nowait
        if draft.kind == "for":
            made.run = Run(draft.statements, self._own | draft.own)
        return made

    def _while(self, draft: Draft, before: list[Step]) -> list[Step]:
        init, condition, step = header_of(draft.statement)
        if init is not None:
            before = self._join(before, self.step((init,)))
        test = self._evaluation(condition)
        self._join(before, test)
        self._loops.append(_Loop())
        end = self.block(draft.inner, [test])
        loop = self._loops.pop()
        advance = self._evaluation(step)
        self._join([*end, *loop.again], advance)
        self._join([advance], test)
        return [*loop.leaving, *([] if condition is None else [test])]

    def _until(self, draft: Draft, node: DoWhile, before: list[Step]) -> list[Step]:
        head = self.step(())
        self._join(before, head)
        self._loops.append(_Loop())
        end = self.block(draft.inner, [head])
        loop = self._loops.pop()
        test = self._evaluation(node.condition)
        self._join([*end, *loop.again], test)
        self._join([test], head)
        return [*loop.leaving, test]


def _without_empty(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    return tuple(
        each for each in statements if not (isinstance(each, Block) and not each.body)
    )

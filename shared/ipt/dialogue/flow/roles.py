"""Which variables of a parallel loop are combined by a reduction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.reductions import accumulation_of
from ipt.dialogue.flow.protection_place import protected
from ipt.dialogue.flow.work import said
from ipt.dialogue.questions import BadAnswer, Choice, Question
from ipt.dialogue.texts import HELP
from ipt.model import (
    Evaluate,
    For,
    VarRef,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis import LoopVerdict
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Node, Variable

__all__ = ["ask_reductions", "iterations_of", "role_of"]

_NO_REDUCTION = {
    "private": "each iteration sets it anew, so there is nothing to combine",
    "lastprivate": "each iteration sets it anew, and only the last value counts",
    "firstprivate": "each thread needs a copy of its own",
    "shared": "the loop does not change it",
}


def ask_reductions(work: Work, name: str, verdict: LoopVerdict) -> Asking[LoopVerdict]:
    """Ask which variables are combined from the threads' parts.

    The proof has found them all; one that is left out is updated by one
    thread at a time.
    """
    found = {each.name: each.op for each in verdict.reductions}
    scalars = _scalars(verdict.loop)
    listed = [each for each in scalars if each in found or role_of(verdict, each)]
    if not listed:
        return verdict

    def check(answer: str) -> None:
        chosen = _names(answer)
        for each in chosen:
            if each not in found:
                raise BadAnswer(f"{each} is no reduction: {_why_not(verdict, each)}.")
        left = [each for each in found if each not in chosen]
        _without(work, verdict, [scalars[each] for each in left])

    answer = yield Question(
        f"{name}.reductions",
        "names",
        "Which variables are combined from all iterations?",
        HELP["reductions"],
        ",".join(found) or "none",
        tuple(
            Choice(each, _reduction_label(scalars[each], found.get(each, "")))
            for each in listed
        ),
        why=_why_these(found),
        notes=work.take_notes(),
        check=check,
    )
    chosen = _names(answer)
    left = [scalars[each] for each in found if each not in chosen]
    return _without(work, verdict, left)


def _names(answer: str) -> list[str]:
    return [] if answer == "none" else answer.split(",")


def _reduction_label(variable: Variable, op: str) -> str:
    label = f"{variable.name}  ({variable.ctype.spelling}"
    return f"{label}, operator {op})" if op else f"{label})"


def _why_these(found: dict[str, str]) -> str:
    if not found:
        return "no variable collects something from all iterations."
    return "these only accumulate; every other use of them was looked for."


def role_of(verdict: LoopVerdict, name: str) -> str:
    """Return what a variable becomes, empty for what none of the roles is."""
    for role in _NO_REDUCTION:
        if name in getattr(verdict, role):
            return role
    return ""


def _why_not(verdict: LoopVerdict, name: str) -> str:
    return _NO_REDUCTION[role_of(verdict, name) or "shared"]


def _without(
    work: Work, verdict: LoopVerdict, variables: list[Variable]
) -> LoopVerdict:
    """Return the verdict with updates done by one thread at a time.

    Raises:
        BadAnswer: That is not enough, or not possible.
    """
    if not variables:
        return verdict
    protections = list(verdict.protections)
    for variable in variables:
        for each in accumulation_of(verdict.loop, variable).updates:
            is_plain = isinstance(each, Evaluate)
            kind = ProtectionKind.ATOMIC_UPDATE if is_plain else ProtectionKind.CRITICAL
            protections.append(Protection(kind, (each,)))  # type: ignore[arg-type]
    changed = protected(work, verdict, protections)
    if changed.status is Status.REFUSED:
        one, other = iterations_of(verdict.loop)
        listed = ", ".join(each.name for each in variables)
        raise BadAnswer(
            f"{listed} must be a reduction: the iteration {other} changes what the "
            f"iteration {one} has left there. {said(changed.refusals[:1])}"
        )
    return changed


def iterations_of(loop: For) -> tuple[str, str]:
    """Return two iterations that threads may run at the same time, in words."""
    counted = counted_loop(loop)
    if not isinstance(counted, CountedLoop):
        return "before it", "after it"
    name, lower = counted.counter.name, counted.lower.span.text or "…"
    step = counted.step or 1
    if lower.isdigit():
        return f"{name} = {lower}", f"{name} = {int(lower) + step}"
    return (
        f"{name} = {lower}",
        f"{name} = {lower} {'-' if step < 0 else '+'} {abs(step)}",
    )


def _scalars(loop: For) -> dict[str, Variable]:
    """Return the scalars that a loop body names, inner counters left out."""
    counters = {
        counted.counter
        for each in walk(loop)
        if (counted := _counted(each)) is not None
    }
    found: dict[str, Variable] = {}
    for node in walk(loop.body):
        if not isinstance(node, VarRef) or node.variable in counters:
            continue
        if node.variable.ctype.is_arithmetic:
            found.setdefault(node.variable.name, node.variable)
    return found


def _counted(node: Node) -> CountedLoop | None:
    if not isinstance(node, For):
        return None
    counted = counted_loop(node)
    return counted if isinstance(counted, CountedLoop) else None

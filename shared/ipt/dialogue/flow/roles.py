"""What each variable of a parallel loop becomes, as far as it can be chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.reductions import accumulation_of
from ipt.dialogue.flow.protection import protected
from ipt.dialogue.flow.work import said
from ipt.dialogue.questions import BadAnswer, Choice, Question
from ipt.dialogue.texts import HELP
from ipt.model import (
    Assign,
    Evaluate,
    For,
    Increment,
    Subscript,
    VarRef,
    strip_casts,
    walk,
)

if TYPE_CHECKING:
    from ipt.analysis import LoopVerdict
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Expression, Node, Variable

__all__ = ["ask_arrays", "ask_reductions", "ask_updates"]

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
    listed = [each for each in scalars if each in found or _role(verdict, each)]
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


def _role(verdict: LoopVerdict, name: str) -> str:
    for role in _NO_REDUCTION:
        if name in getattr(verdict, role):
            return role
    return ""


def _why_not(verdict: LoopVerdict, name: str) -> str:
    return _NO_REDUCTION[_role(verdict, name) or "shared"]


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


def ask_arrays(work: Work, name: str, verdict: LoopVerdict) -> Asking[LoopVerdict]:
    """Ask what the arrays that the loop writes become."""
    updated = {each.name for each in verdict.updates}
    for array in written_arrays(verdict.loop):
        role = _role(verdict, array)
        if not role or array in updated or role == "lastprivate":
            continue
        answer = yield Question(
            f"{name}.array.{array}",
            "choice",
            f"How do the threads use {array}?",
            HELP["array"],
            role,
            _array_choices(verdict, array, role),
            why=_WHY_ROLE[role],
            notes=work.take_notes(),
        )
        if answer != role:
            verdict = _moved(verdict, array, answer)
    return verdict


_WHY_ROLE = {
    "shared": "no two iterations meet in one of its elements.",
    "private": "each iteration fills it before it reads it, and nobody reads it later.",
    "firstprivate": "each iteration needs what stands in it before the loop.",
}


def _array_choices(verdict: LoopVerdict, array: str, role: str) -> tuple[Choice, ...]:
    one, other = iterations_of(verdict.loop)
    reasons = {
        ("private", "shared"): (
            f"shared is wrong: the iteration {other} would overwrite what the "
            f"iteration {one} still needs in {array}."
        ),
        ("firstprivate", "shared"): (
            f"shared is wrong: the iteration {other} would find in {array} what the "
            f"iteration {one} has written."
        ),
        ("firstprivate", "private"): (
            f"private is wrong: the iteration {one} reads elements of {array} that "
            "were set before the loop."
        ),
        ("shared", "private"): (
            f"private is wrong: what the iteration {one} writes to {array} would be "
            "lost at the end of the loop."
        ),
        ("shared", "firstprivate"): (
            f"firstprivate is wrong: what the iteration {one} writes to {array} "
            "would be lost at the end of the loop."
        ),
    }
    labels = {
        "shared": "shared: one array for all threads",
        "private": "private: each thread has its own",
        "firstprivate": "firstprivate: its own, with the values from before",
    }
    return tuple(
        Choice(each, label, reasons.get((role, each), ""))
        for each, label in labels.items()
    )


def _moved(verdict: LoopVerdict, name: str, new: str) -> LoopVerdict:
    roles = {
        role: tuple(each for each in getattr(verdict, role) if each != name)
        for role in ("shared", "private", "firstprivate")
    }
    roles[new] = (*roles[new], name)
    return replace(
        verdict,
        shared=roles["shared"],
        private=roles["private"],
        firstprivate=roles["firstprivate"],
    )


def ask_updates(
    work: Work, name: str, verdict: LoopVerdict
) -> Asking[frozenset[str] | None]:
    """Ask how elements are accumulated: by a reduction or atomically.

    Returns:
        The arrays whose updates are atomic.
    """
    atomic: set[str] = set()
    for update in verdict.updates:
        if not update.section:
            continue
        reason = ""
        if not update.can_be_atomic:
            reason = f"The update of {update.name} fits no form of atomic."
        answer = yield Question(
            f"{name}.update.{update.name}",
            "choice",
            f"How do the threads add to the elements of {update.name}?",
            HELP["update"],
            "atomic" if update.is_atomic_better else "reduction",
            (
                Choice("reduction", f"reduction({update.op}: {update.section})"),
                Choice("atomic", "atomic: one element at a time", reason),
            ),
            why=(
                "copies of the array would cost more than they save."
                if update.is_atomic_better
                else "a copy for each thread is small."
            ),
            notes=work.take_notes(),
        )
        if answer == "atomic":
            atomic.add(update.name)
    return frozenset(atomic) if verdict.updates else None


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


def written_arrays(loop: For) -> list[str]:
    """Return the arrays whose elements the text of a loop assigns."""
    found: dict[str, None] = {}
    for node in walk(loop.body):
        root = None
        if isinstance(node, Assign):
            root = _array_root(node.target)
        elif isinstance(node, Increment):
            root = _array_root(node.operand)
        if root is not None:
            found.setdefault(root, None)
    return list(found)


def _array_root(node: Expression) -> str | None:
    bare = strip_casts(node)
    if not isinstance(bare, Subscript):
        return None
    while isinstance(bare, Subscript):
        bare = strip_casts(bare.base)
    return bare.variable.name if isinstance(bare, VarRef) else None

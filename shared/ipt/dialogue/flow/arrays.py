"""What the arrays of a parallel loop become, as far as it can be chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ipt.dialogue.flow.roles import iterations_of, role_of
from ipt.dialogue.questions import Choice, Question
from ipt.dialogue.texts import HELP
from ipt.model import Assign, Increment, Subscript, VarRef, strip_casts, walk

if TYPE_CHECKING:
    from ipt.analysis import LoopVerdict
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Expression, For

__all__ = ["ask_arrays", "ask_updates"]

_WHY_ROLE = {
    "shared": "no two iterations meet in one of its elements.",
    "private": "each iteration fills it before it reads it, and nobody reads it later.",
    "firstprivate": "each iteration needs what stands in it before the loop.",
}


def ask_arrays(work: Work, name: str, verdict: LoopVerdict) -> Asking[LoopVerdict]:
    """Ask what the arrays that the loop writes become."""
    updated = {each.name for each in verdict.updates}
    for array in _written_arrays(verdict.loop):
        role = role_of(verdict, array)
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


def _written_arrays(loop: For) -> list[str]:
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

"""What to make in a function: loops, a region, sections, tasks, the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.dialogue.flow.loops import ask_loops
from ipt.dialogue.flow.regions import (
    ask_region,
    recommended_region,
    why_no_region,
)
from ipt.dialogue.flow.sections import (
    ask_sections,
    recommended_sections,
    why_no_sections,
)
from ipt.dialogue.flow.target import ask_target, why_no_target
from ipt.dialogue.flow.tasks import ask_tasks, why_no_tasks
from ipt.dialogue.questions import Choice, Question
from ipt.dialogue.texts import HELP
from ipt.listing import spelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Function

__all__ = ["make_in"]

_MOST_ROUNDS = 50
_NOTHING = "nothing"
# Their questions are about the same calls and loops each time.
_ONCE = ("tasks", "target")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One thing that can be made.

    Attributes:
        ask: Asks for it, and makes it.
        why_not: Tells why it cannot be made in a function, empty if it can.
        promise: Tells why it is worth it there, empty if it is not.
    """

    label: str
    ask: Callable[[Work, Function], Asking[None]]
    why_not: Callable[[Work, Function], str]
    promise: Callable[[Work, Function], str]


def _no_loops(work: Work, function: Function) -> str:
    if not work.loops(function):
        return f"{function.name} has no for-loop."
    if all(each in work.asked for each in work.loops(function)):
        return "All its loops were asked about; back leads to them."
    return ""


def _loops_promise(work: Work, function: Function) -> str:
    return "" if _no_loops(work, function) else "that is the usual way."


def _region_promise(work: Work, function: Function) -> str:
    found = recommended_region(work, function)
    return f"{found.advice}." if found else ""


def _sections_promise(work: Work, function: Function) -> str:
    if not why_no_tasks(work, function):
        return ""  # Each call would start threads of its own.
    found = recommended_sections(work, function)
    return f"{found.advice}." if found else ""


_KINDS = {
    "loops": _Kind(
        "loops: share out their iterations", ask_loops, _no_loops, _loops_promise
    ),
    "region": _Kind(
        "region: several loops, and what is between them",
        ask_region,
        why_no_region,
        _region_promise,
    ),
    "sections": _Kind(
        "sections: different lines side by side",
        ask_sections,
        why_no_sections,
        _sections_promise,
    ),
    "tasks": _Kind(
        "tasks: calls that the function makes of itself",
        ask_tasks,
        why_no_tasks,
        lambda _work, _function: "its calls of itself need nothing of each other.",
    ),
    "target": _Kind(
        "target: loops on an accelerator",
        ask_target,
        why_no_target,
        lambda _work, _function: "",
    ),
}


def make_in(work: Work, function: Function) -> Asking[None]:
    """Ask what to make in a function, and make it, until that is all.

    Most people want loops.  So that is not asked, unless there is nothing to
    gain by them; `more` asks it.
    """
    if not work.loops(function):
        work.note(f"{function.name} has no for-loop.")
    for number in range(1, _MOST_ROUNDS):
        kind = yield from _ask_kind(work, function, number)
        if kind == _NOTHING:
            return
        work.tried.append((kind, function))
        yield from _KINDS[kind].ask(work, function)


def _ask_kind(work: Work, function: Function, number: int) -> Asking[str]:
    default, why = _default(work, function)
    name = work.function_id(function)
    is_first = number == 1
    is_clear = _is_clear(work, function, default)
    choices = [
        Choice(value, kind.label, _why_not(work, function, value))
        for value, kind in _KINDS.items()
    ]
    end = "nothing" if is_first else "nothing more"
    return (
        yield Question(
            f"{name}.make" if is_first else f"{name}.make.{number}",
            "choice",
            f"What do you want to make in {name}?"
            if is_first
            else f"What else do you want to make in {name}?",
            HELP["make"],
            default,
            (*choices, Choice(_NOTHING, end)),
            why=why,
            notes=work.take_notes(),
            is_optional=is_clear,
            aside=_aside(work, function) if is_first else "",
        )
    )


def _why_not(work: Work, function: Function, value: str) -> str:
    if value in _ONCE and work.times(value, function):
        return "That was asked about; back leads there."
    return _KINDS[value].why_not(work, function)


def _aside(work: Work, function: Function) -> str:
    """Return what is told in place of the first question."""
    name = work.function_id(function)
    region = recommended_region(work, function)
    if region is None:
        return f"Next come the loops of {name}"
    lines = spelled(region.statements)
    region_too = f"a region of lines {lines} would be good too"
    return f"Next come the loops of {name}; {region_too}"


def _default(work: Work, function: Function) -> tuple[str, str]:
    """Return what to make next, and why."""
    has_chosen = any(each.function is function for each in work.chosen)
    for value, kind in _KINDS.items():
        if _why_not(work, function, value) or (has_chosen and value != "loops"):
            continue
        if value != "loops" and work.times(value, function):
            continue  # Whoever said no to it once does not want it again.
        why = kind.promise(work, function)
        if why:
            return value, why
    return _NOTHING, "nothing else is worth it."


def _is_clear(work: Work, function: Function, default: str) -> bool:
    """Tell whether most people would take the default without a thought.

    That is so for loops, and behind them, unless none could be offered.
    """
    loops = work.loops(function)
    if default == "loops":
        return True
    has_chosen = any(each.function is function for each in work.chosen)
    could_offer = has_chosen or any(
        work.analyzer.analyze(function, each).status is not Status.REFUSED
        for each in loops
    )
    return could_offer and default == _NOTHING

"""Which function to work on, and which one next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.dialogue.flow.nests import loops_around, loops_inside
from ipt.dialogue.flow.sections import recommended_sections
from ipt.dialogue.flow.tasks import why_no_tasks
from ipt.dialogue.questions import Choice, Question, yes_no
from ipt.dialogue.texts import HELP

if TYPE_CHECKING:
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import Function

__all__ = ["ask_another", "ask_function", "is_promising"]

_TWO = 2


def is_promising(work: Work, function: Function) -> bool:
    """Tell whether a function has something that can be shared out.

    That is a loop, or at least two statements to run side by side.
    """
    return bool(work.loops(function)) or len(function.body.body) >= _TWO


def _hopeless(work: Work, function: Function) -> str:
    if is_promising(work, function):
        return ""
    return f"{function.name} has no for-loops, nor other lines to share out."


def ask_function(work: Work) -> Asking[Function]:
    """Ask which function comes next; all that are left are listed."""
    left = [each for each in work.program.functions if each not in work.visited]
    names = {each: work.function_id(each) for each in left}
    choices = [
        Choice(names[each], _label(work, each), _hopeless(work, each)) for each in left
    ]
    default = max(left, key=lambda each: promise(work, each))
    number = len(work.visited) + 1
    why = f"{default.name} has the most work that can run in parallel."
    if promise(work, default) <= 0:
        which = " with loops" if work.loops(default) else ""
        why = f"ipt sees nothing that is worth it; {default.name} is the first{which}."
    answer = yield Question(
        "function" if number == 1 else f"function.{number}",
        "choice",
        "Which function do you want to parallelize?",
        HELP["function"],
        names[default],
        tuple(choices),
        why=why,
        notes=work.take_notes(),
    )
    return next(each for each in left if names[each] == answer)


def _label(work: Work, function: Function) -> str:
    count = len(work.loops(function))
    loops = "no loops" if not count else f"{count} loop{'s' * (count > 1)}"
    return f"{work.function_id(function)} ({work.place_of(function)}, {loops})"


def promise(work: Work, function: Function) -> int:
    """Return how deep the deepest nest is that is worth it.

    Where there is none, tasks and sections count as one loop.
    """
    loops = work.loops(function)
    best = 0 if loops else -1
    for loop in loops:
        if work.analyzer.analyze(function, loop).is_recommended:
            around = len(loops_around(loops, loop))
            best = max(best, 1 + around + len(loops_inside(loops, loop)))
    return 1 if best <= 0 and _has_other_work(work, function) else best


def _has_other_work(work: Work, function: Function) -> bool:
    has_tasks = not why_no_tasks(work, function)
    return has_tasks or recommended_sections(work, function) is not None


def ask_another(work: Work) -> Asking[Function | None]:
    """Ask whether to go on with a function that was not visited yet."""
    left = [
        each
        for each in work.program.functions
        if each not in work.visited and _has_chance(work, each)
    ]
    if not left:
        return None
    worth = max(left, key=lambda each: promise(work, each))
    is_worth = promise(work, worth) > 0
    listed = ", ".join(work.function_id(each) for each in left)
    number = len(work.visited)
    answer = yield Question(
        "another" if number == 1 else f"another.{number}",
        "yes_no",
        f"Go on with another function ({listed})?",
        HELP["another"],
        yes_no(default=is_worth),
        why=(
            f"{worth.name} has work worth it."
            if is_worth
            else "nothing there is worth it."
        ),
        notes=work.take_notes(),
    )
    if answer == "no":
        return None
    if len(left) == 1:
        return left[0]
    return (yield from ask_function(work))


def _has_chance(work: Work, function: Function) -> bool:
    can_share = any(
        work.analyzer.analyze(function, loop).status is not Status.REFUSED
        for loop in work.loops(function)
    )
    return can_share or _has_other_work(work, function)

"""Lines that are run by one thread at a time, or by one thread only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ipt.analysis import AssumptionKind, Status
from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.sync import atomic_kind, protect_loop, suggest_protections
from ipt.dialogue.flow.work import said
from ipt.dialogue.questions import BadAnswer, Choice, Question, yes_no
from ipt.dialogue.texts import HELP
from ipt.listing import LineError, listing_of, select, spelled
from ipt.model import Call, DoWhile, For, While, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipt.analysis import Assumption, LoopVerdict
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.listing import Selection
    from ipt.model import Function

__all__ = [
    "IN_LOOPS",
    "IN_REGIONS",
    "Place",
    "ask_protections",
    "loop_place",
    "protected",
]

_MOST_ROUNDS = 20
_LOOPS = For | While | DoWhile
_CRITICAL = Choice("critical", "critical: one thread at a time, in any order")
IN_LOOPS = (
    _CRITICAL,
    Choice("ordered", "ordered: one at a time, in the order of the iterations"),
)
IN_REGIONS = (
    Choice("single", "single: by one thread only; the others wait"),
    Choice("master", "master: by the main thread only"),
    _CRITICAL,
)


def protected(
    work: Work,
    verdict: LoopVerdict,
    protections: Sequence[Protection],
    accepted: Sequence[Assumption] = (),
) -> LoopVerdict:
    """Return the verdict on a loop of which some statements are protected.

    Args:
        work: The state.
        verdict: The one without these protections.
        protections: What is protected, all of it.
        accepted: What a person vouches for, beside what the verdict says.
    """
    return protect_loop(
        work.analyzer,
        verdict.function,
        verdict.loop,
        tuple(protections),
        (*verdict.accepted, *accepted),
    )


def loop_place(
    work: Work, name: str, verdict: LoopVerdict, *, is_refused: bool = False
) -> Place:
    """Return a loop as a place to protect lines of.

    Args:
        work: The state.
        name: What the ids begin with.
        verdict: The one on the loop so far.
        is_refused: Whether it can't run in parallel as it is.
    """

    def problem(protections: Sequence[Protection]) -> BadAnswer | None:
        every = (*verdict.protections, *protections)
        found = protected(work, verdict, every)
        if found.status is Status.REFUSED:
            return BadAnswer(said(found.refusals))
        return None

    function, loop = verdict.function, verdict.loop
    suggested: tuple[Protection, ...] = ()
    pays = False
    if is_refused:
        suggested = work.once(
            "protections",
            loop,
            lambda: tuple(suggest_protections(work.analyzer, function, loop)),
        )
        pays = bool(suggested) and _pays(work, verdict, suggested)
    return Place(name, function, IN_LOOPS, problem, suggested, is_refused, pays)


def _pays(
    work: Work, verdict: LoopVerdict, protections: tuple[Protection, ...]
) -> bool:
    """Tell whether enough of an iteration is left for threads.

    Waiting for a lock takes as long as some hundred operations.  So what is
    locked must come once an iteration, and be less than what is not: a loop or
    a call of a function must be outside of it, and none inside.  A person must
    not be needed to vouch for the order.
    """
    found = protected(work, verdict, protections)
    is_proved = all(e.kind is AssumptionKind.ROUNDING for e in found.decisions)
    if not found.is_recommended or not is_proved:
        return False
    locked = [
        statement
        for each in protections
        if not each.is_atomic
        for statement in each.statements
    ]
    inner = [node for node in walk(verdict.loop.body) if isinstance(node, _LOOPS)]
    if any(each.span.contains(e.span) for each in inner for e in locked):
        return False
    if any(isinstance(node, _LOOPS) for each in locked for node in walk(each)):
        return False
    spans = [each.span for each in locked]
    return not locked or any(
        isinstance(node, _LOOPS | Call)
        and not any(each.contains(node.span) for each in spans)
        for node in walk(verdict.loop.body)
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where lines are protected.

    Attributes:
        name: What the ids begin with.
        kinds: What can be chosen there.
        problem: Tells why protections are not enough or not possible, None if
            they are.
        suggested: What the analysis would protect.
        is_optional: Whether few people need the question.
        pays: Whether what is suggested is likely to be worth it.
    """

    name: str
    function: Function
    kinds: tuple[Choice, ...]
    problem: Callable[[Sequence[Protection]], BadAnswer | None] = field(repr=False)
    suggested: tuple[Protection, ...] = ()
    is_optional: bool = False
    pays: bool = False


def ask_suggested(work: Work, place: Place) -> Asking[tuple[Protection, ...]]:
    """Ask whether what the analysis would protect is protected.

    Returns:
        What is protected; nothing after a no.
    """
    kinds = ", ".join(dict.fromkeys(each.kind.value for each in place.suggested))
    answer = yield Question(
        f"{place.name}.protect",
        "yes_no",
        f"Run it in parallel, with {_spelled(place.suggested)} under {kinds}?",
        HELP["protect"],
        yes_no(default=place.pays),
        (Choice("details", "details: yes, but let me name the lines"),),
        why=(
            "then no two threads meet, and the rest of an iteration is most of it."
            if place.pays
            else "the rest of an iteration is too little for threads."
        ),
        notes=work.take_notes(),
        is_optional=not place.pays,
    )
    if answer == "yes":
        return place.suggested
    if answer == "details":
        return (yield from _ask_rounds(place))
    return ()


def ask_protections(work: Work, place: Place) -> Asking[tuple[Protection, ...]]:
    """Ask for lines that not all threads may run at the same time.

    Returns:
        What is protected; nothing after a no.
    """
    answer = yield Question(
        f"{place.name}.protect",
        "yes_no",
        "Are there lines to be run by one thread at a time, or by one only?",
        HELP["protect"],
        "no",
        why="ipt has found none that need it, or none that would help.",
        notes=work.take_notes(),
        is_optional=place.is_optional,
    )
    if answer == "no":
        return ()
    return (yield from _ask_rounds(place))


def _ask_rounds(place: Place) -> Asking[tuple[Protection, ...]]:
    found: tuple[Protection, ...] = ()
    for number in range(1, _MOST_ROUNDS):
        name = f"{place.name}.protect" + ("" if number == 1 else f".{number}")
        if number > 1:
            answer = yield Question(
                name,
                "yes_no",
                "Are there more such lines?",
                HELP["protect"],
                "no",
                why="these are enough." if found else "you have named none.",
            )
            if answer == "no":
                break
        found += yield from _ask_round(place, name, found)
    return found


def _spelled(protections: Sequence[Protection]) -> str:
    parts = ",".join(spelled(each.statements) for each in protections)
    return f"line{'s' * (',' in parts or '-' in parts)} {parts}"


def _ask_round(
    place: Place, name: str, known: tuple[Protection, ...]
) -> Asking[tuple[Protection, ...]]:
    suggested = () if known else place.suggested
    default = place.kinds[0].value
    if suggested:
        default = "critical" if suggested[0].is_atomic else suggested[0].kind.value
    answer = yield Question(
        f"{name}.kind",
        "choice",
        "Who runs these lines?",
        HELP["kind"],
        default,
        place.kinds,
        why="that is enough." if suggested else "it is the usual way.",
    )
    kind = ProtectionKind(answer)

    def check(lines: str) -> None:
        try:
            found = _under(kind, select(place.function, lines))
        except LineError as error:
            raise BadAnswer(error.message) from error
        atomic = _atomic(select(place.function, lines)) if _may_be(kind) else ()
        problem = place.problem((*known, *found))
        if problem is not None and atomic:
            problem = place.problem((*known, *atomic))
        if problem is not None:
            raise problem

    lines = yield Question(
        f"{name}.lines",
        "lines",
        "Which lines?",
        HELP["lines"],
        (
            ",".join(
                spelled(each.statements)
                for each in suggested
                if each.kind is kind or each.is_atomic
            )
            if suggested and answer == default
            else "none"
        ),
        why="these are what the iterations share." if suggested else "",
        listing=listing_of(place.function),
        check=check,
    )
    selected = select(place.function, lines)
    found = _under(kind, selected)
    atomic = _atomic(selected) if _may_be(kind) else ()
    if atomic and (yield from _ask_atomic(place, name, known, found, atomic)):
        return atomic
    return found


def _may_be(kind: ProtectionKind) -> bool:
    return kind is ProtectionKind.CRITICAL


def _ask_atomic(
    place: Place,
    name: str,
    known: tuple[Protection, ...],
    found: tuple[Protection, ...],
    atomic: tuple[Protection, ...],
) -> Asking[bool]:
    """Ask whether atomic takes the place of critical, where both are right."""
    if place.problem((*known, *atomic)) is not None:
        return False
    if place.problem((*known, *found)) is not None:
        return True
    listed = ", ".join(dict.fromkeys(each.kind.value for each in atomic))
    answer = yield Question(
        f"{name}.atomic",
        "yes_no",
        f"Use {listed} in place of critical?",
        HELP["atomic"],
        yes_no(default=True),
        why="each line changes one place in memory, and that is faster.",
    )
    return answer == "yes"


def _under(
    kind: ProtectionKind, selected: Sequence[Selection]
) -> tuple[Protection, ...]:
    return tuple(Protection(kind, each.statements) for each in selected)


def _atomic(selected: Sequence[Selection]) -> tuple[Protection, ...]:
    """Return an atomic directive for each line, none if one fits no form."""
    found = []
    for each in selected:
        for statement in each.statements:
            kind = atomic_kind(statement)
            if kind is None:
                return ()
            found.append(Protection(kind, (statement,)))
    return tuple(found)

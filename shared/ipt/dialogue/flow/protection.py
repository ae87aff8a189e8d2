"""Lines that are run by one thread at a time, or by one thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis.protection import Protection, ProtectionKind
from ipt.analysis.sync import atomic_kind
from ipt.dialogue.flow.lines import named_lines
from ipt.dialogue.questions import Choice, Question, yes_no
from ipt.dialogue.texts import HELP
from ipt.listing import listing_of, select, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.dialogue.flow.protection_place import Place
    from ipt.dialogue.flow.work import Asking, Work
    from ipt.listing import Selection

__all__ = ["ask_protections", "ask_suggested"]

_MOST_ROUNDS = 20


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
    usual = _usual_kind(place, suggested)
    answer = yield Question(
        f"{name}.kind",
        "choice",
        "Who runs these lines?",
        HELP["kind"],
        usual,
        place.kinds,
        why="that is enough." if suggested else "it is the usual way.",
    )
    kind = ProtectionKind(answer)
    lines = yield Question(
        f"{name}.lines",
        "lines",
        "Which lines?",
        HELP["lines"],
        _spelled_under(kind, suggested if answer == usual else ()),
        why="these are what the iterations share." if suggested else "",
        listing=listing_of(place.function),
        check=lambda lines: _check_lines(place, kind, known, lines),
    )
    selected = select(place.function, lines)
    found = _under(kind, selected)
    atomic = _atomic_for(kind, selected)
    if atomic and (yield from _ask_atomic(place, name, known, found, atomic)):
        return atomic
    return found


def _usual_kind(place: Place, suggested: Sequence[Protection]) -> str:
    if not suggested:
        return place.kinds[0].value
    # Atomic is asked about once the lines are known.
    return "critical" if suggested[0].is_atomic else suggested[0].kind.value


def _spelled_under(kind: ProtectionKind, suggested: Sequence[Protection]) -> str:
    """Return the lines that the analysis would protect in some way."""
    if not suggested:
        return "none"
    return ",".join(
        spelled(each.statements)
        for each in suggested
        if each.kind is kind or each.is_atomic
    )


def _check_lines(
    place: Place, kind: ProtectionKind, known: tuple[Protection, ...], lines: str
) -> None:
    """Check that lines, protected in one way, are enough with what is known.

    Raises:
        BadAnswer: They are not, or cannot be protected so.
    """
    selected = named_lines(place.function, lines)
    problem = place.problem((*known, *_under(kind, selected)))
    atomic = _atomic_for(kind, selected)
    if problem is not None and atomic:
        problem = place.problem((*known, *atomic))
    if problem is not None:
        raise problem


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


def _atomic_for(
    kind: ProtectionKind, selected: Sequence[Selection]
) -> tuple[Protection, ...]:
    """Return an atomic directive for each line, none if one fits no form.

    Only critical can be replaced: what is ordered, or for one thread, stays so.
    """
    if kind is not ProtectionKind.CRITICAL:
        return ()
    found = []
    for each in selected:
        for statement in each.statements:
            form = atomic_kind(statement)
            if form is None:
                return ()
            found.append(Protection(form, (statement,)))
    return tuple(found)

"""Ways to rewrite a loop that free a better one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.dialogue.questions import Question
from ipt.dialogue.texts import HELP
from ipt.errors import SourceError, TransformRefused
from ipt.outcome import Note
from ipt.restructure import find_restructurings, restructured

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipt.dialogue.flow.work import Asking, Work
    from ipt.model import For, Function
    from ipt.restructure import Restructuring

__all__ = ["Restructured", "ask_restructuring"]

# Each rewrite makes loops that may be rewritten again.
_MOST_REWRITES = 8
# Each try reads the whole program again; so many bytes take a few seconds.
_MOST_BYTES = 400_000
_ARTICLES = {
    "distribution": "Write it as several loops",
    "interchange": "Swap it with the loop inside",
    "privatization": "Give each iteration its own temporary",
    "peeling": "Take an iteration out of it",
    "position": "Search the value and its position in two loops",
    "induction": "Compute the variable from the loop counters",
}


class Restructured(Exception):
    """The text has changed, and the stages must start anew.

    Attributes:
        analyzer: Of the new text.
        name: What the ids of the loop's questions begin with.
    """

    def __init__(self, analyzer: Analyzer, name: str) -> None:
        super().__init__(name)
        self.analyzer = analyzer
        self.name = name


def ask_restructuring(
    work: Work, name: str, function: Function, loop: For
) -> Asking[None]:
    """Offer the rewrites of a loop that stays serial as it is.

    Raises:
        Restructured: One was taken.
    """
    if len(work.rewritten) >= _MOST_REWRITES or not _can_afford(work):
        return
    number = work.rewritten.count(name) + 1
    suffix = "" if number == 1 else f".{number}"
    offered: set[str] = set()
    found = work.once(
        "restructurings",
        loop,
        lambda: find_restructurings(work.analyzer, function, loop, work.options),
    )
    for each in found:
        kind = each.kind.value
        if kind in offered:
            continue
        offered.add(kind)
        _show(work, each)
        answer = yield Question(
            f"{name}.restructure.{kind}{suffix}",
            "yes_no",
            f"{_ARTICLES.get(kind, f'Rewrite it ({kind})')}, as shown?",
            HELP["restructure"],
            "yes",
            why=each.why,
            notes=work.take_notes(),
        )
        if answer == "no":
            continue
        try:
            analyzer = work.once("rewritten", (loop, kind), _rewrite(work, each))
        except (TransformRefused, SourceError) as error:
            work.note(f"The loop stays as it is: {error.message}")
        else:
            raise Restructured(analyzer, name)


def _can_afford(work: Work) -> bool:
    """Tell whether the time to look for rewrites is in proportion."""
    if work.bytes_read > _MOST_BYTES:
        return False
    work.bytes_read += 2 * sum(len(each.data) for each in work.program.sources)
    if work.bytes_read > _MOST_BYTES:
        work.note("The program is large: no more rewrites of loops are looked for.")
        return False
    return True


def _rewrite(work: Work, found: Restructuring) -> Callable[[], Analyzer]:
    return lambda: Analyzer(restructured(work.program, found, work.options))


def _show(work: Work, found: Restructuring) -> None:
    name = found.loop.span.source.name
    work.notes.append(Note("The loop as it is", found.before, (), name))
    work.notes.append(Note("The loop rewritten", found.after, found.findings, name))

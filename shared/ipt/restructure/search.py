"""Finds the rewrites of a loop that set it free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.analysis.canonical import CountedLoop, counted_loop
from ipt.analysis.presburger import TooComplex
from ipt.errors import SourceError, TransformRefused
from ipt.findings import Finding
from ipt.restructure.carried import carried_value
from ipt.restructure.distribution import Distribution, legal_cuts, merged
from ipt.restructure.induction_search import inductions
from ipt.restructure.interchange import interchange_of
from ipt.restructure.ordering import Ordering
from ipt.restructure.peeling import peelings
from ipt.restructure.positions import position_search
from ipt.restructure.privatization import privatization
from ipt.restructure.rereading import Rewritten, reread
from ipt.restructure.restructuring import Restructuring
from ipt.restructure.study import study_loop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.analysis import LoopVerdict
    from ipt.model import For, Function
    from ipt.reading import Toolchain
    from ipt.restructure.interchange import Interchange
    from ipt.restructure.restructuring import Rewrite
    from ipt.restructure.study import Study

__all__ = ["find_restructurings"]

_MOST_READINGS = 12


def find_restructurings(
    analyzer: Analyzer,
    function: Function,
    loop: For,
    options: Sequence[str] = (),
    toolchain: Toolchain | None = None,
    *,
    own_headers: bool = True,
) -> list[Restructuring]:
    """Return the rewrites that are proved right and free a loop.

    Args:
        analyzer: Of the program.
        function: The function that the loop is in.
        loop: A loop that cannot run in parallel as it stands.
        options: The user's compiler options.
        toolchain: Header folders; asked from the compiler if None.
        own_headers: Whether headers outside the compiler's folders may be read.

    Returns:
        Each leads to a loop that is parallel and worth it, which the one it
        is made from is not; the best one first.
    """
    if _is_free(analyzer.analyze(function, loop)):
        return []
    study = study_loop(analyzer, function, loop)
    if study is None:
        return []
    reader = _Reader(analyzer, study, options, toolchain, own_headers=own_headers)
    try:
        return [found for each in _candidates(reader) if (found := reader.offer(each))]
    except TooComplex:
        return []


def _is_free(verdict: LoopVerdict) -> bool:
    is_parallel = verdict.status.is_proved
    return is_parallel and verdict.is_recommended


def _counts(loop: For, name: str) -> bool:
    """Tell whether a loop has a counter of this name."""
    counted = counted_loop(loop)
    return isinstance(counted, CountedLoop) and counted.counter.name == name


def _candidates(reader: _Reader) -> Iterator[Rewrite]:
    study = reader.study
    ordering = Ordering(reader.analyzer, study)
    search = position_search(study)
    if search is not None:
        yield search
    yield from peelings(study, ordering)
    carried = carried_value(study, ordering)
    if carried is not None:
        yield carried
    yield from inductions(study)
    private = privatization(study, ordering, reader.analyzer.solver)
    if private is not None:
        yield private
    swap = interchange_of(study, ordering)
    if swap is not None and not _is_better_inside(reader, swap):
        yield swap
    distribution = reader.distribution(ordering)
    if distribution is not None:
        yield distribution


def _is_better_inside(reader: _Reader, swap: Interchange) -> bool:
    """Tell whether the inner loop had better run in parallel where it is.

    To start the threads of a region anew costs less than to walk memory in
    large steps.
    """
    inner = reader.analyzer.analyze(reader.study.function, swap.inner.loop)
    return bool(swap.findings) and _is_free(inner)


class _Reader:
    """Reads rewritten programs; owns how many it may read for one loop."""

    def __init__(
        self,
        analyzer: Analyzer,
        study: Study,
        options: Sequence[str],
        toolchain: Toolchain | None,
        *,
        own_headers: bool,
    ) -> None:
        self.analyzer = analyzer
        self.study = study
        self._options = options
        self._toolchain = toolchain
        self._own_headers = own_headers
        self._left = _MOST_READINGS
        self._last: tuple[Rewrite, Rewritten | None] | None = None

    def _read(self, rewrite: Rewrite) -> Rewritten | None:
        """Return the program after a rewrite; the last one is kept."""
        if self._last is None or self._last[0] is not rewrite:
            self._last = rewrite, self._reread(rewrite)
        return self._last[1]

    def _reread(self, rewrite: Rewrite) -> Rewritten | None:
        if self._left == 0:
            return None
        self._left -= 1
        try:
            return reread(
                self.study.program,
                self.study.function,
                rewrite,
                self._options,
                self._toolchain,
                own_headers=self._own_headers,
            )
        except (SourceError, TransformRefused):
            return None

    def distribution(self, ordering: Ordering) -> Distribution | None:
        """Return the cuts of the loop that gain something."""
        found = legal_cuts(self.study, ordering)
        after = None if found is None else self._read(found)
        if found is None or after is None:
            return None
        again = Analyzer(after.program)
        free = [_is_free(again.analyze(after.function, each)) for each in after.loops]
        return merged(found, free) if len(free) == len(found.cuts) + 1 else None

    def offer(self, rewrite: Rewrite) -> Restructuring | None:
        """Return a rewrite if it is right and frees a loop."""
        after = self._read(rewrite)
        if after is None:
            return None
        again = Analyzer(after.program)
        loops = [each for each in after.loops if _counts(each, rewrite.counter)]
        verdicts = [again.analyze(after.function, each) for each in loops]
        free = [each for each in verdicts if _is_free(each)]
        if not free:
            return None
        old = self.study.text.span
        return Restructuring(
            rewrite.kind,
            rewrite.why,
            self.study.function,
            self.study.loop,
            tuple(old.source.lines(old)),
            tuple(after.span.source.lines(after.span)),
            (*_findings(self.study, free), *rewrite.findings),
            rewrite,
        )


def _findings(study: Study, free: list[LoopVerdict]) -> list[Finding]:
    place = study.loop.span.place
    lines = ", ".join(str(each.loop.span.line) for each in free)
    noun = "loop" if len(free) == 1 else "loops"
    return [
        Finding("IPT123", "the rewritten text is proved to do the same.", place),
        Finding(
            "IPT124",
            f"in the new text the {noun} of line {lines} can run in parallel.",
            place,
        ),
    ]

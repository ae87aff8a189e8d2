"""The generator of questions: model, function, loops, the rest.

It knows nothing of terminals or files; whoever drives it answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ipt.analysis import Analyzer, AssumptionKind, Status
from ipt.dialogue.questions import Choice, Question, yes_no
from ipt.dialogue.texts import HELP
from ipt.errors import TransformRefused
from ipt.model import parents_of
from ipt.outcome import Note, Unchanged, finish
from ipt.transform import ParallelFor, Timing

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from ipt.analysis import Assumption, LoopVerdict
    from ipt.model import For, Function, Program, Statement
    from ipt.outcome import Outcome
    from ipt.transform import Transform

__all__ = ["dialogue"]

_LONGEST_EXCERPT = 24
_LATER = (
    "{} is not available yet in this version of ipt; it comes with a later release. "
    "Choose OpenMP."
)


def dialogue(
    program: Program, analyzer: Analyzer, options: Sequence[str] = ()
) -> Generator[Question, str, Outcome]:
    """Ask what is needed to parallelize a program.

    Args:
        program: The program.
        analyzer: Analyses its loops; may be shared between dialogues.
        options: The user's compiler options, for the command that is shown.

    Yields:
        Questions.

    Returns:
        The parallel program, or why nothing was changed.
    """
    return (yield from _Dialogue(program, analyzer, tuple(options)).run())


@dataclass
class _Dialogue:
    """The state of one dialogue."""

    program: Program
    analyzer: Analyzer
    options: tuple[str, ...]
    notes: list[Note] = field(default_factory=list)
    chosen: list[ParallelFor] = field(default_factory=list)
    visited: list[Function] = field(default_factory=list)

    def run(self) -> Generator[Question, str, Outcome]:
        """Ask everything."""
        yield self._model()
        if not any(self.analyzer.loops(each) for each in self.program.functions):
            return Unchanged(
                "No function of this file has a for-loop, and only such loops can be "
                "parallelized."
            )
        function = yield from self._function()
        while function is not None:
            self.visited.append(function)
            yield from self._loops(function)
            function = yield from self._another()
        transforms: list[Transform] = [*self.chosen]
        if self.chosen and (yield self._timing()) == "yes":
            transforms += self._timings()
        return finish(self.program, transforms, self._take_notes(), self.options)

    def _take_notes(self) -> tuple[Note, ...]:
        notes = tuple(self.notes)
        self.notes.clear()
        return notes

    def _model(self) -> Question:
        return Question(
            "model",
            "choice",
            "Which kind of parallel program do you want?",
            HELP["model"],
            "openmp",
            (
                Choice("mpi", "MPI: several processes", _LATER.format("MPI")),
                Choice("openmp", "OpenMP: threads on one machine"),
                Choice("cuda", "CUDA: an NVIDIA GPU", _LATER.format("CUDA")),
            ),
            why="OpenMP is what this version can do.",
            notes=(Note("ipt reads C and C++ programs."),),
        )

    def _function(self) -> Generator[Question, str, Function | None]:
        left = [each for each in self.program.functions if each not in self.visited]
        names = {each: self._id(each) for each in left}
        choices = []
        for each in left:
            has_loops = bool(self.analyzer.loops(each))
            reason = "" if has_loops else f"{each.name} has no for-loops."
            choices.append(Choice(names[each], self._label(each), reason))
        default = max(left, key=self._promise)
        number = len(self.visited) + 1
        answer = yield Question(
            "function" if number == 1 else f"function.{number}",
            "choice",
            "Which function do you want to parallelize?",
            HELP["function"],
            names[default],
            tuple(choices),
            why=f"{default.name} has the most work that can run in parallel.",
            notes=self._take_notes(),
        )
        return next(each for each in left if names[each] == answer)

    def _id(self, function: Function) -> str:
        """Return a name for a function; overloads are told apart by a number."""
        same = [e for e in self.program.functions if e.name == function.name]
        position = same.index(function)
        return f"{function.name}#{position + 1}" if position else function.name

    def _label(self, function: Function) -> str:
        line = function.span.line
        count = len(self.analyzer.loops(function))
        loops = "no loops" if not count else f"{count} loop{'s' * (count > 1)}"
        return f"{function.name} (line {line}, {loops})"

    def _promise(self, function: Function) -> int:
        """Return how deep the deepest loop nest is that is worth parallelizing."""
        best = -1 if not self.analyzer.loops(function) else 0
        for loop in self.analyzer.loops(function):
            verdict = self.analyzer.analyze(function, loop)
            if verdict.is_recommended:
                around = sum(
                    1 for each in self.analyzer.loops(function) if _holds(each, loop)
                )
                inside = sum(
                    1 for each in self.analyzer.loops(function) if _holds(loop, each)
                )
                best = max(best, 1 + around + inside)
        return best

    def _loops(self, function: Function) -> Generator[Question, str, None]:
        taken: list[For] = []
        for number, loop in enumerate(self.analyzer.loops(function), start=1):
            if any(_holds(each, loop) for each in taken):
                continue
            verdict = self.analyzer.analyze(function, loop)
            note = self._note(number, verdict)
            if verdict.status is Status.REFUSED:
                refused = replace(note, title=f"{note.title} stays serial")
                self.notes.append(refused)
                continue
            self.notes.append(note)
            chosen = yield from self._loop(
                f"{self._id(function)}.loop{number}", verdict
            )
            if chosen is not None:
                self.chosen.append(chosen)
                taken.append(loop)

    def _note(self, number: int, verdict: LoopVerdict) -> Note:
        loop = verdict.loop
        line = loop.span.line
        title = f"Loop {number} of {verdict.function.name}, line {line}"
        inner = sum(
            1 for each in self.analyzer.loops(verdict.function) if _holds(loop, each)
        )
        if inner and verdict.status is not Status.REFUSED:
            title += f" ({inner} more inside; the answer concerns the outermost)"
        excerpt = loop.span.source.lines(loop.span)
        if verdict.status is Status.REFUSED:
            excerpt = excerpt[:1]
        elif len(excerpt) > _LONGEST_EXCERPT:
            cut = len(excerpt) - _LONGEST_EXCERPT
            last = excerpt[-1]
            excerpt = excerpt[: _LONGEST_EXCERPT - 1]
            excerpt += [(0, f"… {cut} more lines …"), last]
        findings = verdict.findings
        if verdict.status is Status.REFUSED:
            findings = verdict.refusals
        return Note(title, tuple(excerpt), findings)

    def _loop(
        self, name: str, verdict: LoopVerdict
    ) -> Generator[Question, str, ParallelFor | None]:
        needs = verdict.status is Status.NEEDS_DECISION
        why = verdict.advice
        if needs:
            why += ", if what is asked next holds"
        answer = yield Question(
            name,
            "yes_no",
            "Run the iterations of this loop in parallel?",
            HELP["loop"],
            yes_no(default=verdict.is_recommended),
            why=why + ".",
            notes=self._take_notes(),
        )
        if answer == "no":
            return None
        accepted = yield from self._decide(name, verdict)
        if accepted is None:
            return None
        settled = self.analyzer.analyze(verdict.function, verdict.loop, accepted)
        schedule = yield from self._schedule(name, verdict)
        return ParallelFor(settled, schedule)

    def _decide(
        self, name: str, verdict: LoopVerdict
    ) -> Generator[Question, str, list[Assumption] | None]:
        accepted: list[Assumption] = []
        for decision in verdict.decisions:
            is_rounding = decision.kind is AssumptionKind.ROUNDING
            listed = "+".join(decision.names)
            answer = yield Question(
                f"{name}.{decision.kind.value}.{listed}",
                "yes_no",
                _decision_text(decision),
                HELP[decision.kind.value],
                yes_no(default=is_rounding),
                why=(
                    "that is usual, and harmless in most programs."
                    if is_rounding
                    else "only you can know; without your word the loop stays serial."
                ),
                notes=self._take_notes(),
            )
            if answer == "no":
                self.notes.append(Note("The loop stays serial."))
                return None
            accepted.append(decision)
        return accepted

    def _schedule(
        self, name: str, verdict: LoopVerdict
    ) -> Generator[Question, str, str]:
        kind, _, chunk = (verdict.schedule or "static").partition(",")
        why = "all iterations take about the same time."
        if verdict.schedule:
            why = "the work differs from iteration to iteration."
        answer = yield Question(
            f"{name}.schedule",
            "choice",
            "How should the iterations be shared out?",
            HELP["schedule"],
            kind,
            (
                Choice("static", "static: equal pieces"),
                Choice("dynamic", "dynamic: portions on demand"),
                Choice("guided", "guided: portions that get smaller"),
                Choice("runtime", "runtime: as OMP_SCHEDULE says"),
            ),
            why=why,
        )
        if answer == "runtime":
            return answer
        if answer == "static":
            return ""
        size = yield Question(
            f"{name}.chunk",
            "number",
            "How many iterations per portion (0: leave it to OpenMP)?",
            HELP["chunk"],
            chunk if answer == kind and chunk else "0",
        )
        return answer if size == "0" else f"{answer},{size}"

    def _another(self) -> Generator[Question, str, Function | None]:
        left = [
            each
            for each in self.program.functions
            if each not in self.visited and self._has_chance(each)
        ]
        if not left:
            return None
        worth = max(left, key=self._promise)
        is_worth = self._promise(worth) > 0
        listed = ", ".join(each.name for each in left)
        number = len(self.visited)
        answer = yield Question(
            "another" if number == 1 else f"another.{number}",
            "yes_no",
            f"Go on with another function ({listed})?",
            HELP["another"],
            yes_no(default=is_worth),
            why=(
                f"{worth.name} has loops worth it."
                if is_worth
                else "nothing there is worth it."
            ),
            notes=self._take_notes(),
        )
        if answer == "no":
            return None
        if len(left) == 1:
            return left[0]
        return (yield from self._function())

    def _has_chance(self, function: Function) -> bool:
        return any(
            self.analyzer.analyze(function, loop).status is not Status.REFUSED
            for loop in self.analyzer.loops(function)
        )

    def _timing(self) -> Question:
        return Question(
            "timing",
            "yes_no",
            "Add lines that print how long the parallel parts take?",
            HELP["timing"],
            "no",
            why="the program's own output is all that is needed to check it.",
            notes=self._take_notes(),
        )

    def _timings(self) -> list[Timing]:
        found: list[Timing] = []
        done: list[Statement] = []
        for each in self.chosen:
            timing = Timing(each.function, each.verdict.loop)
            if timing.target() in done:
                continue
            done.append(timing.target())
            try:
                timing.validate()
            except TransformRefused as refusal:
                title = "No time is taken here"
                self.notes.append(Note(title, findings=refusal.findings))
            else:
                found.append(timing)
        return found


def _holds(outer: For, inner: For) -> bool:
    return outer is not inner and bool(parents_of(outer, inner))


def _decision_text(decision: Assumption) -> str:
    if decision.kind is AssumptionKind.ROUNDING:
        listed = ", ".join(decision.names)
        return f"May the last digits of {listed} differ from the serial program's?"
    return f"Is it always true that {decision.text}?"

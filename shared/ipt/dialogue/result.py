"""Applies the chosen transforms and checks what comes out."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from ipt.analysis import AssumptionKind
from ipt.dialogue.outcome import LoopReport, Outcome, Parallelized, Unchanged
from ipt.dialogue.questions import Note
from ipt.errors import InternalError, TransformRefused
from ipt.reading.program import compiler_messages
from ipt.source import Insertion, SourceText, apply_edits
from ipt.transform import ParallelFor, Timing, include_edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Program, Statement

__all__ = ["finish", "output_name"]


def output_name(name: str, model: str = "OpenMP") -> str:
    """Return the name of the parallel program, as the first IPT chose it."""
    path = PurePath(name)
    return f"rose_{path.stem}_{model}{path.suffix}"


def finish(
    program: Program,
    chosen: Sequence[ParallelFor],
    notes: tuple[Note, ...],
    options: Sequence[str],
    *,
    timing: bool,
) -> Outcome:
    """Return the outcome of a dialogue.

    Args:
        program: The program.
        chosen: The transforms to apply.
        notes: What has not been shown yet.
        options: The user's compiler options.
        timing: Whether to add timing.

    Returns:
        The parallel program, or that nothing was chosen.

    Raises:
        InternalError: The compiler does not accept the result.
    """
    if not chosen:
        return Unchanged("No loop was parallelized, so nothing was written.", notes)
    source = program.source
    edits = [edit for each in chosen for edit in each.edits(source)]
    if timing:
        more, refused = _timing(program, chosen)
        edits += more
        notes += refused
    data = apply_edits(source, edits)
    _check(program, data, options)
    name = output_name(source.name)
    return Parallelized(
        data, name, _command(program, name, options), _reports(program, chosen), notes
    )


def _timing(
    program: Program, chosen: Sequence[ParallelFor]
) -> tuple[list[Insertion], tuple[Note, ...]]:
    edits: list[Insertion] = []
    notes: list[Note] = []
    done: list[Statement] = []
    for each in chosen:
        timing = Timing(each.verdict.function, each.verdict.loop)
        target = timing.target()
        if target in done:
            continue
        done.append(target)
        try:
            edits += timing.edits(program.source)
        except TransformRefused as refusal:
            notes.append(Note("No time is taken here", findings=refusal.findings))
    if edits:
        edits.append(include_edit(program.source))
    return edits, tuple(notes)


def _check(program: Program, data: bytes, options: Sequence[str]) -> None:
    messages = compiler_messages(SourceText(program.source.name, data), options)
    if messages:
        raise InternalError(
            "The parallel program does not compile:\n" + "\n".join(messages[:3])
        )


def _command(program: Program, name: str, options: Sequence[str]) -> str:
    compiler = "g++" if program.language == "c++" else "gcc"
    parts = [compiler, "-fopenmp", "-O2", *options, name, "-o", PurePath(name).stem]
    if b"<math.h>" in program.source.data or b"<cmath>" in program.source.data:
        parts.append("-lm")
    return " ".join(parts)


def _reports(program: Program, chosen: Sequence[ParallelFor]) -> tuple[LoopReport, ...]:
    return tuple(
        LoopReport(
            each.verdict.function.name,
            program.source.line_number(each.verdict.loop.span.start),
            each.applied(program.source).message,
            each.verdict.findings,
            tuple(
                assumption.text
                for assumption in each.verdict.accepted
                if assumption.kind is not AssumptionKind.ROUNDING
            ),
        )
        for each in chosen
    )

"""Applies the chosen transforms and checks what comes out."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from ipt.errors import InternalError
from ipt.outcome.outcome import Change, NewFile, Outcome, Parallelized, Unchanged
from ipt.reading.program import compiler_messages
from ipt.source import SourceText, apply_edits
from ipt.transform import include_edits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Program
    from ipt.outcome.note import Note
    from ipt.transform import Transform

__all__ = ["finish", "output_name"]


def output_name(name: str, *, first_style: bool = False) -> str:
    """Return the name of a parallel file.

    Args:
        name: Of the input file.
        first_style: Whether to name it as the first IPT did.
    """
    path = PurePath(name)
    if first_style:
        return f"rose_{path.stem}_OpenMP{path.suffix}"
    return f"{path.stem}_omp{path.suffix}"


def finish(
    program: Program,
    transforms: Sequence[Transform],
    notes: tuple[Note, ...] = (),
    options: Sequence[str] = (),
    *,
    first_style: bool = False,
) -> Outcome:
    """Return the outcome of what was chosen.

    Args:
        program: The program.
        transforms: What to apply, each of them valid.
        notes: What has not been shown yet.
        options: The user's compiler options.
        first_style: Whether files are named as the first IPT did.

    Returns:
        The parallel program, or that nothing was chosen.

    Raises:
        InternalError: The compiler does not accept the result.
    """
    if not transforms:
        return Unchanged("No loop was parallelized, so nothing was written.", notes)
    files: list[NewFile] = []
    for source in program.sources:
        here = [each for each in transforms if each.span.source is source]
        if not here:
            continue
        edits = [edit for each in here for edit in each.edits()]
        headers = frozenset[str]().union(*(each.headers for each in here))
        data = apply_edits(source, [*edits, *include_edits(source, headers)])
        _check(source, data, options)
        name = output_name(source.name, first_style=first_style)
        files.append(NewFile(source.name, name, data))
    return Parallelized(
        tuple(files), _command(program, files, options), _changes(transforms), notes
    )


def _check(source: SourceText, data: bytes, options: Sequence[str]) -> None:
    messages = compiler_messages(SourceText(source.name, data), options)
    if messages:
        raise InternalError(
            "The parallel program does not compile:\n" + "\n".join(messages[:3])
        )


def _command(program: Program, files: Sequence[NewFile], options: Sequence[str]) -> str:
    compiler = "g++" if program.language == "c++" else "gcc"
    new = {each.origin: each.name for each in files}
    names = [new.get(source.name, source.name) for source in program.sources]
    target = PurePath(files[0].name).stem
    parts = [compiler, "-fopenmp", "-O2", *options, *names, "-o", target]
    if any(b"math.h>" in s.data or b"<cmath>" in s.data for s in program.sources):
        parts.append("-lm")
    return " ".join(parts)


def _changes(transforms: Sequence[Transform]) -> tuple[Change, ...]:
    ordered = sorted(
        transforms, key=lambda each: (each.span.place.name, each.span.start)
    )
    return tuple(
        Change(
            each.function.name,
            each.span.place.name,
            each.span.line,
            each.directive,
            each.findings,
            each.assumptions,
        )
        for each in ordered
        if each.directive
    )

"""Applies the chosen transforms and checks what comes out."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

from ipt.errors import InternalError
from ipt.outcome.outcome import Change, NewFile, Outcome, Parallelized, Unchanged
from ipt.reading.program import compiler_messages
from ipt.reading.toolchain import language_of
from ipt.source import SourceText, apply_edits
from ipt.transform import include_edits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipt.model import Program
    from ipt.outcome.note import Note
    from ipt.transform import Transform

__all__ = ["compile_command", "finish", "output_name"]

_OWN_HEADER = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"', re.MULTILINE)


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
    new = {each.origin: each.name for each in files}
    command = compile_command(program, new, options)
    return Parallelized(tuple(files), command, _changes(transforms), notes)


def _check(source: SourceText, data: bytes, options: Sequence[str]) -> None:
    messages = compiler_messages(SourceText(source.name, data), options)
    if messages:
        raise InternalError(
            "The parallel program does not compile:\n" + "\n".join(messages[:3])
        )


def compile_command(
    program: Program, new: Mapping[str, str], options: Sequence[str]
) -> str:
    """Return the command that compiles the parallel program.

    Args:
        program: The serial program.
        new: The paths of the new files by the names of the old ones.
        options: The user's compiler options.
    """
    names = [source.name for source in program.sources]
    languages = {language_of(name) for name in names}
    compiler = "g++" if languages == {"c++"} else "gcc"
    parts = [compiler, "-fopenmp", "-O2", *options]
    for source in program.sources:
        folder = str(PurePath(source.name).parent)
        is_moved = str(PurePath(new.get(source.name, source.name)).parent) != folder
        if is_moved and _OWN_HEADER.search(source.data):
            # Its own headers are searched beside the new file otherwise.
            parts += ["-iquote", folder]
    target = PurePath(next(iter(new.values()))).stem
    parts += [*(new.get(name, name) for name in names), "-o", target]
    if len(languages) > 1:
        # GCC takes each file for what its suffix says; G++ takes all for C++.
        parts.append("-lstdc++")
    if any(b"math.h>" in s.data or b"<cmath>" in s.data for s in program.sources):
        parts.append("-lm")
    return shlex.join(parts)


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

"""A verdict from a snippet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.reading import Toolchain, read_program, read_programs
from ipt.source import SourceText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ipt.analysis import Assumption, LoopVerdict
    from ipt.model import Program

__all__ = ["NO_HEADERS", "first_verdict", "program_of", "programs_of", "verdicts_of"]

NO_HEADERS = Toolchain()


def program_of(
    text: str,
    name: str = "test.c",
    toolchain: Toolchain | None = NO_HEADERS,
    options: Sequence[str] = (),
) -> Program:
    """Read a program from a string.

    Args:
        text: The program.
        name: Its file name.
        toolchain: The header folders; None asks the installed compiler.
        options: Compiler options.

    Returns:
        The program.
    """
    return read_program(SourceText(name, text.encode()), options, toolchain)


def programs_of(
    texts: Mapping[str, str],
    toolchain: Toolchain | None = NO_HEADERS,
    options: Sequence[str] = (),
) -> Program:
    """Read a program of several files.

    Args:
        texts: Name and text of each file, the main file first.
        toolchain: The header folders; None asks the installed compiler.
        options: Compiler options.

    Returns:
        The program.
    """
    sources = [SourceText(name, text.encode()) for name, text in texts.items()]
    return read_programs(sources, options, toolchain)


def verdicts_of(
    program: Program, accepted: Sequence[Assumption] = (), function: str = ""
) -> list[LoopVerdict]:
    """Return the verdicts on all loops of a program, in source order.

    Args:
        program: The program.
        accepted: What to take as true.
        function: The only function to look at; all of them if empty.

    Returns:
        The verdicts.
    """
    analyzer = Analyzer(program)
    return [
        analyzer.analyze(each, loop, accepted)
        for each in program.functions
        if not function or each.name == function
        for loop in analyzer.loops(each)
    ]


def first_verdict(text: str, name: str = "test.c") -> LoopVerdict:
    """Return the verdict on the first loop of the last function of a program."""
    program = program_of(f"\n{text}", name)
    return verdicts_of(program, function=program.functions[-1].name)[0]

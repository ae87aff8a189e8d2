"""Which loops Polly runs in parallel, and whether ipt finds them.

Polly puts the body of a parallel loop into a function `*_polly_subfn`.  The lines
that its arithmetic comes from tell which statements run in parallel; ipt finds the
loop if it proves some loop around each of them.  What only copies has no such lines:
it is counted, and left out.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

from bench.engines.programs import FOLDER, SECONDS
from ipt.analysis import Analyzer, AssumptionKind, LoopVerdict, Status
from ipt.depth import deep_recursion
from ipt.reading import read_program
from ipt.source import SourceText

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["compare_with_polly", "polly_lines"]

_COMMAND = ("clang-19", "-O3", "-gline-tables-only", "-S", "-emit-llvm", "-o", "-")
_OPTIONS = ("-mllvm", "-polly", "-mllvm", "-polly-parallel")
_POSITIONS = ("early", "before-vectorizer")
_MANY = re.MULTILINE
_FUNCTION = re.compile(r"^define [^\n]*polly_subfn[^\n]*\n(.*?)^}", re.DOTALL | _MANY)
# Loads and stores are Polly's own and have no line; arithmetic keeps its line.
_OPERATION = re.compile(r"^(?!.*@GOMP).*!dbg !(\d+)", _MANY)
_PLACE = re.compile(r"^!(\d+) = (?:distinct )?!DILocation\(line: (\d+)", _MANY)


def compare_with_polly() -> dict[str, Any]:
    """Print and return how many of Polly's parallel loops are found."""
    found, copies, missed = 0, 0, []
    for folder in sorted(FOLDER.iterdir()):
        source = folder / "program.c"
        if not source.exists():
            continue
        groups = polly_lines(source)
        with deep_recursion():
            ours = _proved_lines(source)
        for lines in sorted(groups, key=sorted):
            if not lines:
                copies += 1
            elif lines <= ours:
                found += 1
            else:
                missed.append(f"{folder.name} lines {sorted(lines - ours)}")
    print(f"\nPolly runs {found + len(missed)} loops in parallel; ipt finds {found}")
    print(f"  (and in {copies} programs loops that only copy)")
    for each in missed:
        print(f"  missed: {each}")
    return {"found": found, "missed": missed}


def polly_lines(source: Path) -> set[frozenset[int]]:
    """Return the lines of the statements that Polly runs in parallel, loop by loop."""
    groups = set()
    for position in _POSITIONS:
        done = subprocess.run(
            [*_COMMAND, *_OPTIONS, "-mllvm", f"-polly-position={position}", source],
            check=True,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        places = {number: int(line) for number, line in _PLACE.findall(done.stdout)}
        for body in _FUNCTION.findall(done.stdout):
            lines = {places[each] for each in _OPERATION.findall(body)}
            groups.add(frozenset(lines - {0}))
    return groups


def _proved_lines(source: Path) -> set[int]:
    """Return the lines inside of loops that are proved parallel."""
    program = read_program(SourceText(str(source), source.read_bytes()))
    analyzer = Analyzer(program)
    lines: set[int] = set()
    for function in program.functions:
        for loop in analyzer.loops(function):
            if _is_proved(analyzer.analyze(function, loop)):
                first = loop.span.line
                lines.update(range(first, first + loop.span.text.count("\n") + 1))
    return lines


def _is_proved(verdict: LoopVerdict) -> bool:
    return verdict.status in (Status.PARALLEL, Status.REDUCTION) and all(
        each.kind is AssumptionKind.ROUNDING for each in verdict.decisions
    )

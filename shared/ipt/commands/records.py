"""Loops and their verdicts as JSON, for `ipt analyze` and reports.

docs/ipt/analyze.md describes the values; what is there keeps its meaning, and
`VERSION` counts up when something is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipt.analysis import Status
from ipt.automatic import choose, chosen_loops, parallel_for
from ipt.findings import Severity
from ipt.model import for_loops

if TYPE_CHECKING:
    from ipt.analysis import Analyzer, LoopVerdict
    from ipt.findings import Finding
    from ipt.model import For, Function, Program

__all__ = [
    "VERSION",
    "FunctionRecord",
    "LoopRecord",
    "analysis_record",
    "counted",
    "function_records",
]

VERSION = 1
_DEPENDENCES = frozenset(
    ("IPT301", "IPT302", "IPT303", "IPT304", "IPT312", "IPT315", "IPT316", "IPT319")
)


@dataclass(frozen=True, slots=True)
class LoopRecord:
    """One loop.

    Attributes:
        id: Its name in the dialogue and the answers file.
        inside: The id of the loop around it, or empty.
        depth: How many loops are around it.
        directive: What can be put in front of it without any question; empty
            if nothing can.
        is_chosen: Whether `ipt parallelize --auto` does so.
    """

    id: str
    inside: str
    depth: int
    verdict: LoopVerdict
    directive: str
    is_chosen: bool

    @property
    def line(self) -> int:
        """The line of the loop."""
        return self.verdict.loop.span.line

    @property
    def roles(self) -> list[tuple[str, str, str]]:
        """For every variable its name, its role, and an operator or a step."""
        verdict = self.verdict
        found = [(each.name, "reduction", each.op) for each in verdict.reductions]
        found += [(each.name, "accumulated", each.op) for each in verdict.updates]
        plain = (
            ("private", verdict.private),
            ("firstprivate", verdict.firstprivate),
            ("lastprivate", verdict.lastprivate),
            ("shared", verdict.shared),
        )
        for role, names in plain:
            found += [(name, role, "") for name in names]
        for each in verdict.linear:
            name, _, step = each.partition(":")
            found.append((name, "linear", step))
        return found

    def to_json(self) -> dict[str, object]:
        """Return the loop as JSON values."""
        verdict = self.verdict
        span = verdict.loop.span
        source = span.source
        return {
            "id": self.id,
            "file": source.name,
            "line": span.line,
            "column": span.place.column,
            "end_line": source.line_number(max(span.start, span.end - 1)),
            "text": source.line(span.line).strip(),
            "inside": self.inside or None,
            "depth": self.depth,
            "verdict": verdict.status.value,
            "recommended": verdict.is_recommended,
            "advice": verdict.advice,
            "directive": self.directive or None,
            "chosen": self.is_chosen,
            "schedule": verdict.schedule or None,
            "collapse": verdict.collapse,
            "condition": verdict.condition or None,
            "simd_lines": [each.loop.span.line for each in verdict.simd],
            "variables": [
                {"name": name, "role": role, "operator": operator or None}
                for name, role, operator in self.roles
            ],
            "decisions": [
                {
                    "question": f"{self.id}.{each.kind.value}.{'+'.join(each.names)}",
                    "kind": each.kind.value,
                    "names": list(each.names),
                    "statement": each.text,
                }
                for each in verdict.decisions
            ],
            "dependences": [
                _dependence(each)
                for each in verdict.findings
                if each.code in _DEPENDENCES
            ],
            "codes": list(dict.fromkeys(each.code for each in verdict.findings)),
            "findings": [each.to_json() for each in verdict.findings],
        }


@dataclass(frozen=True, slots=True)
class FunctionRecord:
    """One function with its loops."""

    id: str
    function: Function
    loops: tuple[LoopRecord, ...]

    def to_json(self) -> dict[str, object]:
        """Return the function as JSON values."""
        place = self.function.span.place
        return {
            "id": self.id,
            "name": self.function.name,
            "file": place.name,
            "line": place.line,
            "loops": [each.to_json() for each in self.loops],
        }


def function_records(program: Program, analyzer: Analyzer) -> list[FunctionRecord]:
    """Return all functions with the verdicts on their loops.

    Args:
        program: The program.
        analyzer: Analyses its loops.

    Returns:
        The functions in the order of the text.
    """
    chosen = set(chosen_loops(choose(program, analyzer)))
    seen: dict[str, int] = {}
    found = []
    for function in program.functions:
        number = seen[function.name] = seen.get(function.name, 0) + 1
        name = function.name if number == 1 else f"{function.name}#{number}"
        loops = _loop_records(name, function, analyzer, chosen)
        found.append(FunctionRecord(name, function, loops))
    return found


def _loop_records(
    name: str, function: Function, analyzer: Analyzer, chosen: set[For]
) -> tuple[LoopRecord, ...]:
    loops = analyzer.loops(function)
    ids = {loop: f"{name}.loop{number}" for number, loop in enumerate(loops, start=1)}
    outer = {
        inner: loop  # the innermost one comes last, and stays
        for loop in loops
        for inner in for_loops(loop.body)
    }
    found = []
    depths: dict[For, int] = {}
    for loop in loops:
        around = outer.get(loop)
        depths[loop] = 0 if around is None else depths[around] + 1
        verdict = analyzer.analyze(function, loop)
        transform = parallel_for(analyzer, verdict)
        found.append(
            LoopRecord(
                ids[loop],
                "" if around is None else ids[around],
                depths[loop],
                verdict,
                "" if transform is None else transform.directive,
                loop in chosen,
            )
        )
    return tuple(found)


def analysis_record(
    program: Program, functions: list[FunctionRecord]
) -> dict[str, object]:
    """Return what `ipt analyze --json` writes, as JSON values."""
    return {
        "schema": "ipt-analysis",
        "version": VERSION,
        "files": [source.name for source in program.sources],
        "language": program.language,
        "warnings": list(program.warnings),
        "summary": counted(functions),
        "functions": [each.to_json() for each in functions],
    }


def counted(functions: list[FunctionRecord]) -> dict[str, int]:
    """Return how many loops have each verdict, and how many there are."""
    every = [loop for each in functions for loop in each.loops]
    found = {
        status.value: sum(1 for loop in every if loop.verdict.status is status)
        for status in Status
    }
    return {"functions": len(functions), "loops": len(every), **found}


def _dependence(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "words": finding.message,
        "variables": list(finding.variables),
        "distance": finding.distance,
        "line": finding.place.line,
        "column": finding.place.column,
        "is_refusal": finding.severity is Severity.REFUSAL,
    }

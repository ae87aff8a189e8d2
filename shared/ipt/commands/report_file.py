"""The report of `ipt parallelize --report`, as docs/ipt/analyze.md describes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ipt.commands.records import VERSION, counted, function_records
from ipt.outcome import Parallelized

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.analysis import Analyzer
    from ipt.outcome import Outcome
    from ipt.restructure import Restructuring
    from ipt.verify import Verification

__all__ = ["report_record", "report_text"]


def report_text(
    analyzer: Analyzer,
    outcome: Outcome,
    rewrites: Sequence[Restructuring],
    verification: Verification | None,
) -> str:
    """Return the report on one run as the text of a file; see `report_record`."""
    record = report_record(analyzer, outcome, rewrites, verification)
    return json.dumps(record, indent=2) + "\n"


def report_record(
    analyzer: Analyzer,
    outcome: Outcome,
    rewrites: Sequence[Restructuring],
    verification: Verification | None = None,
) -> dict[str, object]:
    """Return the report on one run.

    Args:
        analyzer: Of the serial program.
        outcome: What came out.
        rewrites: How loops were rewritten first, in this order.
        verification: What `--verify` found, if it was asked for.
    """
    program = analyzer.program
    functions = function_records(program, analyzer)
    done = isinstance(outcome, Parallelized)
    changes = outcome.changes if isinstance(outcome, Parallelized) else ()
    files = outcome.files if isinstance(outcome, Parallelized) else ()
    new = {each.origin: each.name for each in files}
    return {
        "schema": "ipt-report",
        "version": VERSION,
        "status": "parallelized" if done else "unchanged",
        "reason": "" if isinstance(outcome, Parallelized) else outcome.reason,
        "language": program.language,
        "files": [
            {"input": source.name, "output": new.get(source.name)}
            for source in program.sources
        ],
        "changes": [each.to_json() for each in changes],
        "restructurings": [
            {
                "kind": each.kind.value,
                "why": each.why,
                "function": each.function.name,
                "file": each.loop.span.place.name,
                "line": each.loop.span.line,
                "before": [text for _, text in each.before],
                "after": [text for _, text in each.after],
            }
            for each in rewrites
        ],
        "assumptions": list(
            dict.fromkeys(text for each in changes for text in each.assumptions)
        ),
        "findings": [
            finding.to_json()
            for each in functions
            for loop in each.loops
            for finding in loop.verdict.findings
        ],
        "summary": counted(functions),
        "functions": [each.to_json() for each in functions],
        "commands": (
            {"compile": outcome.command} if isinstance(outcome, Parallelized) else {}
        ),
        "verification": None if verification is None else verification.to_json(),
    }

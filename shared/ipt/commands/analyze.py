"""`ipt analyze`: what of every loop is proved, and what is in the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ipt.analysis import Analyzer, Status
from ipt.commands.exit_codes import ExitCode
from ipt.commands.options import (
    add_compiler_options,
    add_files,
    compiler_options,
    read_files,
)
from ipt.commands.records import analysis_record, counted, function_records
from ipt.errors import IptError
from ipt.findings import Severity

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ipt.commands.records import FunctionRecord, LoopRecord
    from ipt.commands.terminal import Terminal
    from ipt.dialogue.console import Console
    from ipt.findings import Finding

__all__ = ["chosen_functions", "configure", "run"]

_EXAMPLES = """\
examples:
  ipt analyze heat.c                 all loops, with the reasons
  ipt analyze heat.c --brief         one line a loop
  ipt analyze main.c util.c -I inc   several files of one program
  ipt analyze heat.c --json          for programs; docs/ipt/analyze.md describes it

The exit code is 0 whatever the verdicts are.
"""
_COLORS = {
    Status.PARALLEL: Severity.INFORMATION,
    Status.REDUCTION: Severity.INFORMATION,
    Status.NEEDS_DECISION: Severity.DECISION,
    Status.REFUSED: Severity.REFUSAL,
}
_WORDS = {
    Status.PARALLEL: "parallel",
    Status.REDUCTION: "reduction",
    Status.NEEDS_DECISION: "needs decision",
    Status.REFUSED: "refused",
}
_VERDICT_WIDTH = max(len(each) for each in _WORDS.values())


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.description = (
        "Tell of every loop whether it can run in parallel: proved, proved with a "
        "reduction, only if you vouch for something, or not, and why."
    )
    parser.epilog = _EXAMPLES
    add_files(parser)
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.add_argument("--brief", action="store_true", help="leave out the reasons")
    parser.add_argument(
        "--function",
        action="append",
        default=[],
        metavar="NAME",
        help="only this function; may be repeated",
    )
    add_compiler_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command."""
    program = read_files(options.files, compiler_options(options))
    functions = chosen_functions(
        function_records(program, Analyzer(program)), options.function
    )
    if options.json:
        json.dump(analysis_record(program, functions), terminal.stdout, indent=2)
        terminal.stdout.write("\n")
        return ExitCode.DONE
    console = terminal.console()
    for warning in program.warnings:
        console.line(warning)
    _show(console, functions, is_brief=options.brief)
    return ExitCode.DONE


def chosen_functions(
    functions: list[FunctionRecord], names: Sequence[str]
) -> list[FunctionRecord]:
    """Return the functions of some names, all of them where none is given.

    Raises:
        IptError: There is no function of a name.
    """
    known = {each.function.name for each in functions}
    missing = [name for name in names if name not in known]
    if missing:
        raise IptError(
            f"There is no function {missing[0]}. The program has: "
            f"{', '.join(sorted(known)) or 'none'}."
        )
    return [each for each in functions if not names or each.function.name in names]


def _show(console: Console, functions: list[FunctionRecord], *, is_brief: bool) -> None:
    loops = [loop for each in functions for loop in each.loops]
    if not loops:
        console.paragraph("There is no for-loop, and only such loops can be analysed.")
        return
    _table(console, loops)
    numbers = counted(functions)
    console.line()
    parts = [
        f"{numbers[status.value]} {word}"
        for status, word in _WORDS.items()
        if numbers[status.value]
    ]
    plural = "s" * (len(loops) != 1)
    console.painted(f"{len(loops)} loop{plural}: {', '.join(parts)}", "bold")
    if not is_brief:
        for loop in loops:
            _details(console, loop)


def _table(console: Console, loops: list[LoopRecord]) -> None:
    width = max(len(loop.id) + 2 * loop.depth for loop in loops)
    digits = max(4, *(len(str(loop.line)) for loop in loops))
    console.painted(
        f"{'loop':<{width}}  {'line':>{digits}}  {'verdict':<{_VERDICT_WIDTH}}  advice",
        "bold",
    )
    for loop in loops:
        status = loop.verdict.status
        name = f"{'  ' * loop.depth}{loop.id}"
        verdict = f"{_WORDS[status]:<{_VERDICT_WIDTH}}"
        row = f"{name:<{width}}  {loop.line:>{digits}}  {verdict}  {_advice(loop)}"
        console.painted(row, _COLORS[status])


def _advice(loop: LoopRecord) -> str:
    """Say in a few words what to do with a loop."""
    verdict = loop.verdict
    if verdict.status is Status.REFUSED:
        return " ".join(dict.fromkeys(each.code for each in verdict.refusals))
    if loop.is_chosen:
        return "--auto takes it"
    if not verdict.is_recommended:
        return "not worth it"
    if verdict.status is Status.NEEDS_DECISION:
        return "if you vouch for it"
    return "inside parallel work" if loop.directive else "no room for a directive"


def _details(console: Console, loop: LoopRecord) -> None:
    verdict = loop.verdict
    span = verdict.loop.span
    console.line()
    console.painted(f"{loop.id}, {span.place.name}:{loop.line}", "bold")
    console.painted(f"  {span.source.line(loop.line).strip()}", "faint")
    if verdict.advice and verdict.status is not Status.REFUSED:
        console.paragraph(f"{verdict.advice}.", "  ")
    by_role: dict[str, list[str]] = {}
    for name, role, operator in loop.roles:
        by_role.setdefault(f"{role} {operator}".strip(), []).append(name)
    for role, names in by_role.items():
        console.paragraph(f"{role}: {', '.join(names)}", "  ")
    for finding in verdict.findings:
        console.finding(finding)
        if finding.severity is Severity.REFUSAL:
            _caret(console, loop, finding)
    if loop.directive:
        console.paragraph(loop.directive, "  ")


def _caret(console: Console, loop: LoopRecord, finding: Finding) -> None:
    """Show the line of a finding with a caret, unless it is the loop's own."""
    source = loop.verdict.loop.span.source
    if finding.place.name != source.name or finding.place.line == loop.line:
        return
    for line in source.caret(finding.place).split("\n"):
        console.painted(f"      {line.expandtabs(4)}", "faint")

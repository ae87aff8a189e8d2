"""`ipt verify`: is the parallel program right, and is it faster?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ipt.commands.exit_codes import ExitCode
from ipt.commands.options import (
    add_compiler_options,
    add_run_options,
    compiler_options,
    read_bytes,
)
from ipt.errors import IptError
from ipt.verify import (
    Comparison,
    Limits,
    RaceState,
    Request,
    Status,
    Verification,
    verify,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from ipt.commands.terminal import Terminal
    from ipt.verify import ThreadResult

__all__ = ["configure", "exit_code_of", "request_of", "run", "show_verification"]

_EXAMPLES = """\
examples:
  ipt verify heat.c heat_omp.c                     two files
  ipt verify heat.c heat_omp.c --repeats 5 -- 500  with arguments, fastest of 5 runs
  ipt verify primes.c primes_omp.c --unordered     lines may come in any order
  ipt verify --serial main.c util.c --parallel main_omp.c util.c

exit codes: 0 the same output and no race seen, 6 it differs, 7 a data race,
8 it could not be judged, 2 wrong use, 3 a program does not compile
"""
_MIB = 1024 * 1024
# Below this the start of a program is most of its time.
_SHORT = 0.05
_CODES = {
    Status.SAME: ExitCode.DONE,
    Status.DIFFERS: ExitCode.DIFFERS,
    Status.RACE: ExitCode.RACE,
    Status.UNDECIDED: ExitCode.UNDECIDED,
}
_VERDICTS = {
    Status.SAME: "The parallel program does what the serial one does",
    Status.DIFFERS: "The parallel program is wrong: it does not do what the serial "
    "one does.",
    Status.RACE: "The parallel program is wrong: threads meet in memory, and a run "
    "may go differently at any time.",
    Status.UNDECIDED: "It could not be judged.",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.usage = (
        "%(prog)s SERIAL PARALLEL [options] [-- ARGUMENTS]\n"
        "       %(prog)s --serial FILE … --parallel FILE … [options] [-- ARGUMENTS]"
    )
    parser.description = (
        "Build a serial and a parallel program, run both on the same input with "
        "1, 2, 3 and 4 threads, compare what they write, look for data races, and "
        "measure the speed-up. Every run gets a fresh folder of its own."
    )
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="the serial file and the parallel one; of an even number, the first "
        "half is the serial program",
    )
    parser.add_argument(
        "--serial",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="the files of the serial program",
    )
    parser.add_argument(
        "--parallel",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="the files of the parallel program",
    )
    parser.add_argument("--json", action="store_true", help="write JSON")
    add_compiler_options(parser)
    add_run_options(parser)
    parser.set_defaults(run=run, program_arguments=[])


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command."""
    serial, parallel = _programs(options)
    for path in (*serial, *parallel):
        read_bytes(path)
    request = request_of(options, serial, parallel, compiler_options(options))

    def tell(text: str) -> None:
        terminal.stderr.write(f"{text}\n")
        terminal.stderr.flush()

    found = verify(request, terminal.environ, tell)
    if options.json:
        json.dump(found.to_json(), terminal.stdout, indent=2)
        terminal.stdout.write("\n")
    else:
        show_verification(terminal.stdout, found)
    return exit_code_of(found)


def _programs(
    options: argparse.Namespace,
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    files, serial, parallel = options.files, options.serial, options.parallel
    if files and (serial or parallel):
        raise IptError(
            "Name the files either behind --serial and --parallel, or plainly."
        )
    if files:
        if len(files) % 2:
            raise IptError(
                "Name as many parallel files as serial ones, or say which is which "
                "with --serial and --parallel."
            )
        half = len(files) // 2
        serial, parallel = files[:half], files[half:]
    if not serial or not parallel:
        raise IptError(
            "Name a serial and a parallel program: ipt verify heat.c heat_omp.c"
        )
    return tuple(serial), tuple(parallel)


def request_of(
    options: argparse.Namespace,
    serial: tuple[Path, ...],
    parallel: tuple[Path, ...],
    flags: Sequence[str],
) -> Request:
    """Return what the command line asks for.

    Args:
        options: The command line.
        serial: The serial program.
        parallel: The parallel program.
        flags: Compiler options.

    Returns:
        The request.

    Raises:
        IptError: The input or the data is not there.
    """
    for path in (*([options.input] if options.input else ()), *options.data):
        if not path.exists():
            raise IptError(f"{path}: there is no such file.")
    if options.input is not None and options.input.is_dir():
        raise IptError(f"{options.input} is a folder; --input takes a file.")
    return Request(
        serial,
        parallel,
        tuple(flags),
        options.compiler,
        tuple(options.program_arguments),
        options.input,
        tuple(options.data),
        options.threads,
        options.repeats,
        Comparison(
            options.tolerance, options.absolute, options.unordered, options.ignore
        ),
        Limits(
            options.time_limit,
            options.output_limit * _MIB,
            options.memory_limit * _MIB,
        ),
        options.races,
    )


def exit_code_of(found: Verification) -> ExitCode:
    """Return the exit code of a result."""
    return _CODES[found.status]


def show_verification(out: TextIO, found: Verification) -> None:
    """Write a result for people."""
    if found.results:
        out.write(f"\n{'threads':>8}  {'seconds':>9}  {'speed-up':>8}  output\n")
        out.write(f"{'serial':>8}  {found.serial_seconds:9.3f}\n")
        out.writelines(_row(each) for each in found.results)
    if found.results and found.serial_seconds < _SHORT:
        out.write("The program is too short for its speed-up to mean anything.\n")
    out.write("\n")
    difference = found.difference
    if difference is not None:
        threads, where = difference
        line = f", line {where.line}" if where.line else ""
        plural = "s" * (threads != 1)
        out.write(
            f"First difference, with {threads} thread{plural}: {where.what}{line}\n"
        )
        out.write(f"  serial:   {_printable(where.serial)}\n")
        out.write(f"  parallel: {_printable(where.parallel)}\n")
        if where.hint:
            out.write(f"{where.hint}\n")
    out.writelines(f"{_printable(race.text)}\n" for race in found.races.races)
    if found.races.state in (RaceState.UNAVAILABLE, RaceState.UNFINISHED):
        out.write(f"No race detector: {_printable(found.races.reason)}\n")
    if found.problem:
        out.write(f"{_printable(found.problem)}\n")
    out.write(f"{_verdict(found)}\n")


def _row(result: ThreadResult) -> str:
    said = "the same"
    if result.difference is not None:
        said = "DIFFERS"
    elif result.problem:
        said = "?"
    gain = f"{result.speed_up:8.2f}" if result.speed_up else " " * 8
    return f"{result.threads:>8}  {result.seconds:9.3f}  {gain}  {said}\n"


def _verdict(found: Verification) -> str:
    text = _VERDICTS[found.status]
    if found.status is not Status.SAME:
        return text
    if found.races.state is RaceState.NONE:
        return f"{text}, and no data race was seen."
    return f"{text}."


def _printable(text: str) -> str:
    """Replace control characters, which would steer the terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)

"""The options of `ipt parallelize`, and which of them go together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ipt.commands.options import add_compiler_options, add_files, add_run_options
from ipt.errors import IptError

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "refuse_misuse"]

_EXAMPLES = """\
examples:
  ipt parallelize heat.c                     answer questions; Enter is right
  ipt parallelize heat.c --auto              ask nothing; only what is proved
  ipt parallelize heat.c --auto --diff       show it; write nothing
  ipt parallelize heat.c --auto --verify     and compare with the serial program
  ipt parallelize main.c util.c -o parallel  several files; -o is a folder
  ipt parallelize heat.c --answers a.json    answers from a file

The new file is <name>_omp.<suffix> in the current folder, or what -o says.
"""
_LATER = "{} is not available yet in this version of ipt. Use --model openmp."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.description = (
        "Make a parallel version of a program with OpenMP, by answering questions "
        "or with --auto. The program itself is not changed."
    )
    parser.epilog = _EXAMPLES
    add_files(parser)
    _add_output(parser)
    _add_choosing(parser.add_argument_group("what to parallelize"))
    add_compiler_options(parser)
    parser.add_argument(
        "--verify",
        action="store_true",
        help="then compare it with the serial program, as `ipt verify` does; its "
        "options and `-- ARGUMENTS` say how",
    )
    add_run_options(parser)
    parser.set_defaults(program_arguments=[])


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o",
        dest="output",
        type=Path,
        metavar="OUT",
        help="write to OUT; a folder if there are several files",
    )
    parser.add_argument(
        "--rose-names",
        action="store_true",
        help="name files as the first IPT did: rose_<name>_OpenMP.<suffix>",
    )
    parser.add_argument(
        "--diff",
        action="store_true",
        help="show the changes as a diff; write files only with -o",
    )
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write a report as JSON"
    )
    parser.add_argument(
        "--listing",
        type=Path,
        metavar="FILE",
        help="write the program's functions with the numbers of their lines",
    )


def _add_choosing(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--model",
        choices=("openmp", "mpi", "cuda"),
        help="the kind of parallel program; openmp is what there is",
    )
    group.add_argument(
        "--auto",
        action="store_true",
        help="ask nothing: take every loop that is proved and worth it",
    )
    group.add_argument(
        "--exact",
        action="store_true",
        help="with --auto: leave alone what changes the last digits of a result",
    )
    group.add_argument(
        "--restructure",
        action="store_true",
        help="with --auto: rewrite loops where that is proved to free a better one",
    )
    group.add_argument(
        "--answers", type=Path, metavar="FILE", help="take answers from a JSON file"
    )
    group.add_argument(
        "--save-answers", type=Path, metavar="FILE", help="write the answers given"
    )
    group.add_argument(
        "--yes",
        action="store_true",
        help="take the default for every other question",
    )


def refuse_misuse(options: argparse.Namespace) -> None:
    """Check that the options go together.

    Raises:
        IptError: They do not.
    """
    if options.model in ("mpi", "cuda"):
        raise IptError(_LATER.format(options.model.upper()))
    asking = [
        name
        for name, value in (
            ("--answers", options.answers),
            ("--save-answers", options.save_answers),
            ("--yes", options.yes),
        )
        if value
    ]
    if options.auto and asking:
        raise IptError(f"--auto asks nothing, so {asking[0]} cannot be used with it.")
    for name in ("exact", "restructure"):
        if getattr(options, name) and not options.auto:
            raise IptError(
                f"--{name} goes with --auto. Without it you are asked about that."
            )
    if options.verify and options.diff and options.output is None:
        raise IptError("--verify needs what is written: add -o, or leave out --diff.")
    if options.program_arguments and not options.verify:
        raise IptError("What stands behind `--` is for --verify, which is not there.")

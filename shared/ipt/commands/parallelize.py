"""`ipt parallelize`: by answering questions, or without any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.automatic import choose, restructure
from ipt.commands.delivery import (
    Delivery,
    placed,
    refuse_clash,
    write_files,
    write_text,
)
from ipt.commands.exit_codes import ExitCode
from ipt.commands.options import (
    add_compiler_options,
    add_run_options,
    compiler_options,
    read_bytes,
    read_files,
    refuse_twice,
)
from ipt.commands.report_file import report_text
from ipt.commands.verify import exit_code_of, request_of, show_verification
from ipt.dialogue.answers import read_answers, resume_hint, write_answers
from ipt.dialogue.console import converse
from ipt.dialogue.flow import dialogue
from ipt.dialogue.session import Session
from ipt.errors import AnswersError, DialogueInterrupted, IptError
from ipt.listing import print_listing
from ipt.outcome import Note, Parallelized, Unchanged, finish
from ipt.report import show_result, show_unchanged, unified_diff
from ipt.verify import verify

if TYPE_CHECKING:
    import argparse

    from ipt.commands.terminal import Terminal
    from ipt.dialogue.console import Console
    from ipt.model import Program
    from ipt.outcome import Outcome
    from ipt.restructure import Restructuring
    from ipt.verify import Verification

__all__ = ["configure", "run"]

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
_NOTHING_PROVED = (
    "No loop is both proved parallel and worth it, so nothing was written. "
    "`ipt analyze` tells why; without --auto you can vouch for what is not proved."
)
_LATER = "{} is not available yet in this version of ipt. Use --model openmp."


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.description = (
        "Make a parallel version of a program with OpenMP, by answering questions "
        "or with --auto. The program itself is not changed."
    )
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a C or C++ file; several files are one program",
    )
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
    parser.set_defaults(run=run, program_arguments=[])


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


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command."""
    _refuse_misuse(options)
    refuse_twice(options.files)
    delivery = Delivery(tuple(options.files), options.output, options.rose_names)
    beside = (options.report, options.listing, options.save_answers)
    refuse_clash(delivery, [each for each in beside if each])
    program = read_files(options.files, compiler_options(options))
    console = terminal.console()
    for warning in program.warnings:
        console.line(warning)
    if options.listing:
        text = "\n".join(print_listing(each) for each in program.functions)
        write_text(options.listing, text)
    job = _Job(options, terminal, program, console, delivery)
    try:
        outcome = job.automatic() if options.auto else job.dialogue()
    except DialogueInterrupted as error:
        return job.stopped(error)
    is_written = options.output is not None or not options.diff
    return job.deliver(outcome, is_written=is_written)


def _refuse_misuse(options: argparse.Namespace) -> None:
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


class _Job:
    """One run: from the program to what is written and shown."""

    def __init__(
        self,
        options: argparse.Namespace,
        terminal: Terminal,
        program: Program,
        console: Console,
        delivery: Delivery,
    ) -> None:
        self._options = options
        self._terminal = terminal
        self._console = console
        self._program = program
        self._analyzer = Analyzer(program)
        self._flags = compiler_options(options)
        self._delivery = delivery
        self._rewrites: list[Restructuring] = []

    def automatic(self) -> Outcome:
        """Choose without asking."""
        program, analyzer = self._program, self._analyzer
        if self._options.restructure:
            program, self._rewrites = restructure(program, self._flags)
            analyzer = Analyzer(program)
        transforms = choose(program, analyzer, exact=self._options.exact)
        if not transforms:
            return Unchanged(_NOTHING_PROVED)
        notes = tuple(_note(each) for each in self._rewrites)
        return finish(program, transforms, notes, self._flags)

    def dialogue(self) -> Outcome:
        """Choose by asking."""
        options, console, program = self._options, self._console, self._program
        answers = read_answers(options.answers) if options.answers else {}
        if options.model:
            answers.setdefault("model", options.model)
        session = Session(lambda: dialogue(program, self._analyzer, self._flags))
        try:
            converse(session, console, answers, defaults=options.yes)
        except KeyboardInterrupt as error:
            raise DialogueInterrupted(
                "Stopped; nothing was written.", session.answers
            ) from error
        unused = [each for each in answers if each not in session.answers]
        if unused:
            console.line()
            console.paragraph(f"These answers were not needed: {', '.join(unused)}.")
        assert session.outcome is not None  # noqa: S101 - the dialogue is over
        if options.save_answers:
            write_answers(options.save_answers, session.answers)
        return session.outcome

    def stopped(self, error: DialogueInterrupted) -> int:
        """Keep the answers of a dialogue that was left."""
        stderr, kept = self._terminal.stderr, self._options.save_answers
        stderr.write(f"\nipt: {error.message}\n")
        if kept and error.answers:
            try:
                write_answers(kept, error.answers)
            except AnswersError as problem:
                raise problem from error
            stderr.write(f"ipt: answers kept in {kept}\n")
        elif error.answers:
            stderr.write(resume_hint(error.answers))
        is_ctrl_c = isinstance(error.__cause__, KeyboardInterrupt)
        return ExitCode.CTRL_C if is_ctrl_c else ExitCode.STOPPED

    def deliver(self, outcome: Outcome, *, is_written: bool) -> int:
        """Write and show what came out."""
        if not isinstance(outcome, Parallelized):
            show_unchanged(self._console, outcome)
            self._report(outcome, None)
            return ExitCode.DONE if self._options.auto else ExitCode.NOTHING
        outcome = placed(outcome, self._program, self._delivery, self._flags)
        names = ", ".join(each.name for each in outcome.files)
        if is_written:
            write_files(outcome.files, self._delivery)
        show_result(self._console, outcome, names if is_written else "")
        if self._options.diff:
            for each in outcome.files:
                before = read_bytes(Path(each.origin))
                self._terminal.stdout.write(
                    unified_diff(before, each.data, each.origin, each.name)
                )
        found = self._verified(outcome) if self._options.verify else None
        self._report(outcome, found)
        return ExitCode.DONE if found is None else exit_code_of(found)

    def _verified(self, outcome: Parallelized) -> Verification:
        new = {each.origin: Path(each.name) for each in outcome.files}
        serial = tuple(self._options.files)
        parallel = tuple(new.get(str(path), path) for path in serial)
        folders = dict.fromkeys(str(path.parent) for path in serial)
        # The new files still include what lies beside the old ones.
        flags = [*self._flags, *(f"-iquote{folder}" for folder in folders)]
        request = request_of(self._options, serial, parallel, flags)
        self._console.line()
        found = verify(request, self._terminal.environ, self._tell)
        show_verification(self._terminal.stdout, found)
        return found

    def _tell(self, text: str) -> None:
        self._console.line(text)

    def _report(self, outcome: Outcome, found: Verification | None) -> None:
        target = self._options.report
        if target is not None:
            text = report_text(self._analyzer, outcome, self._rewrites, found)
            write_text(target, text)


def _note(rewrite: Restructuring) -> Note:
    """Show what a loop was rewritten to."""
    place = rewrite.loop.span.place
    title = f"{rewrite.function.name}, line {place.line}: {rewrite.kind.value}"
    return Note(title, rewrite.after, rewrite.findings, place.name)

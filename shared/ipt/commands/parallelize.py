"""`ipt parallelize`: by answering questions, or without any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ipt.analysis import Analyzer
from ipt.automatic import parallelize_automatically
from ipt.commands.delivery import (
    Delivery,
    placed,
    refuse_clash,
    write_files,
    write_text,
)
from ipt.commands.exit_codes import ExitCode
from ipt.commands.options import (
    compiler_options,
    read_bytes,
    read_files,
    refuse_twice,
)
from ipt.commands.parallelize_options import add_arguments, refuse_misuse
from ipt.commands.report_file import report_text
from ipt.commands.verify import exit_code_of, request_of, show_verification
from ipt.dialogue.answers import read_answers, resume_hint, write_answers
from ipt.dialogue.console import converse
from ipt.dialogue.flow import dialogue
from ipt.dialogue.session import Session
from ipt.errors import AnswersError, DialogueInterrupted
from ipt.listing import print_listing
from ipt.outcome import Parallelized
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


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    add_arguments(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command."""
    refuse_misuse(options)
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
        options = self._options
        outcome, self._rewrites = parallelize_automatically(
            self._analyzer,
            self._flags,
            exact=options.exact,
            restructuring=options.restructure,
        )
        return outcome

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

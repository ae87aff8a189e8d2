"""Which files are written, and where; the input is never one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ipt.errors import IptError
from ipt.outcome import compile_command, output_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Program
    from ipt.outcome import NewFile, Parallelized

__all__ = ["Delivery", "placed", "refuse_clash", "write_files", "write_text"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where new files go.

    Attributes:
        inputs: The files that were read.
        output: What `-o` said: a file, or a folder.
        first_style: Whether files are named as the first IPT did.
    """

    inputs: tuple[Path, ...]
    output: Path | None = None
    first_style: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether `-o` names a folder."""
        if self.output is None:
            return False
        return len(self.inputs) > 1 or self.output.is_dir()

    def target(self, origin: str) -> Path:
        """Return where the new text of an input file goes."""
        name = output_name(origin, first_style=self.first_style)
        if self.output is None:
            return Path(name)
        return self.output / name if self.is_folder else self.output


def refuse_clash(delivery: Delivery, beside: Sequence[Path]) -> None:
    """Check, before any work, that every file could be written to its place.

    Args:
        delivery: Where the new files go.
        beside: Other files to be written, such as a report.

    Raises:
        IptError: Two files would get one name, one is an input, or `-o` names
            a file where a folder is needed.
    """
    seen: dict[Path, str] = {}
    for path in beside:
        _refuse_input(path, delivery.inputs)
        _refuse_shared(seen, path, "what an option names")
    output = delivery.output
    is_file = output is not None and output.exists() and not output.is_dir()
    if is_file and delivery.is_folder:
        raise IptError(
            f"{output} is a file, but there are several files to write. "
            "Let -o name a folder."
        )
    for path in delivery.inputs:
        target = delivery.target(str(path))
        _refuse_input(target, delivery.inputs)
        _refuse_shared(seen, target, f"the new text of {path}")


def _refuse_shared(seen: dict[Path, str], target: Path, what: str) -> None:
    known = seen.setdefault(target.absolute(), what)
    if known is not what:
        raise IptError(
            f"{known[0].upper()}{known[1:]} and {what} would both be written to "
            f"{target}. Name another file."
        )


def _refuse_input(target: Path, inputs: Sequence[Path]) -> None:
    for path in inputs:
        try:
            is_same = target.samefile(path)
        except OSError:
            continue
        if is_same:
            raise IptError(
                f"{target} is the input, which ipt never changes. Name another "
                "file with -o."
            )


def placed(
    outcome: Parallelized, program: Program, delivery: Delivery, flags: Sequence[str]
) -> Parallelized:
    """Return an outcome whose files are named by their full paths.

    Args:
        outcome: The parallel program.
        program: The serial one.
        delivery: Where files go.
        flags: The user's compiler options.
    """
    files = tuple(
        replace(each, name=str(delivery.target(each.origin))) for each in outcome.files
    )
    new = {each.origin: each.name for each in files}
    command = compile_command(program, new, flags)
    return replace(outcome, files=files, command=command)


def write_files(files: Sequence[NewFile], delivery: Delivery) -> None:
    """Write new files to the places that their names say.

    Raises:
        IptError: One cannot be written, or is an input.
    """
    if delivery.is_folder and delivery.output is not None:
        try:
            delivery.output.mkdir(exist_ok=True)
        except OSError as error:
            raise IptError(f"{delivery.output}: {error.strerror}.") from error
    for each in files:
        _refuse_input(Path(each.name), delivery.inputs)
        _write(Path(each.name), each.data)


def write_text(target: Path, text: str) -> None:
    """Write a report or a listing.

    Raises:
        IptError: It cannot be written.
    """
    _write(target, text.encode())


def _write(target: Path, data: bytes) -> None:
    try:
        target.write_bytes(data)
    except OSError as error:
        raise IptError(f"{target}: {error.strerror}.") from error

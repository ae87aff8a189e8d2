"""What a message to `parallelize` may hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from iptweb.http import flag, number, part, table, text, texts

__all__ = [
    "FILES",
    "INLINE",
    "MOST_SECONDS",
    "AnalyzeBody",
    "Flags",
    "Options",
    "ParallelizeBody",
    "ProgramBody",
]

# A message becomes one variable of a container's environment, and Linux takes no more
# than 128 KiB for one (MAX_ARG_STRLEN); its quotation marks take their part.
INLINE: Final = 100_000
FILES: Final = 64
MOST_SECONDS: Final = 300
_PART: Final = "[A-Za-z0-9_][A-Za-z0-9_.+-]{0,127}"
_NAME: Final = rf"{_PART}(/{_PART}){{0,7}}"
_LONGEST: Final = 262_144  # no message has more; what all may have is told there
_MOST_ANSWERS: Final = 400


def _sources() -> Any:
    return table(
        most=FILES,
        max_length=_LONGEST,
        pattern=_NAME,
        hint="a plain name such as heat.c or src/heat.c: letters, digits and _ . + -",
        lines=True,
    )


@dataclass(frozen=True)
class Flags:
    """How the program is compiled.

    Attributes:
        include: Folders of headers, within the files that are given.
        define: Macros, `NAME` or `NAME=VALUE`.
        standard: Of the language, such as `c99` or `gnu++17`; empty for the usual one.
    """

    include: tuple[str, ...] = texts(most=16, max_length=300)
    define: tuple[str, ...] = texts(most=64, max_length=300)
    standard: str = text(
        default="",
        pattern=r"((c|gnu)(\+\+)?[0-9][0-9a-z])?",
        hint="a standard such as c99 or c++17",
    )


@dataclass(frozen=True)
class Options(Flags):
    """What kind of parallel program is wanted, and how the program is compiled.

    Attributes:
        include: Folders of headers, within the files that are given.
        define: Macros, `NAME` or `NAME=VALUE`.
        standard: Of the language, such as `c99` or `gnu++17`; empty for the usual one.
        exact: With `auto`: leave alone what changes the last digits of a result.
        restructure: With `auto`: rewrite loops where that is proved to free one.
        rose_names: Name the new files as the first IPT did.
        model: The kind of parallel program; `GET /models` says which there are.
    """

    exact: bool = flag(default=False)
    restructure: bool = flag(default=False)
    rose_names: bool = flag(default=False)
    model: Literal["", "openmp", "mpi", "cuda"] = text(default="")


@dataclass(frozen=True)
class ProgramBody:
    """A program, either in the message or in the caller's home.

    Attributes:
        sources: Its files by their names, the main one first; headers, too.  An
            object, or where the order matters a list of objects with `name` and
            `text`.
        paths: Its files in the caller's home; they are read with the caller's token.
        save_to: Folder of the caller's home that gets what comes out, in files; `~`
            is the home itself.  Where it is empty all comes in the answer.
        seconds: How long the engine may work.
    """

    sources: Mapping[str, str] = _sources()
    paths: tuple[str, ...] = texts(most=FILES)
    save_to: str = text(default="")
    seconds: int = number(default=60, least=1, most=MOST_SECONDS)


@dataclass(frozen=True)
class ParallelizeBody(ProgramBody):
    """A program to make parallel.

    Attributes:
        sources: Its files by their names, the main one first; headers, too.  An
            object, or where the order matters a list of objects with `name` and
            `text`.
        paths: Its files in the caller's home; they are read with the caller's token.
        save_to: Folder of the caller's home that gets what comes out, in files; `~`
            is the home itself.  Where it is empty all comes in the answer.
        seconds: How long the engine may work.
        mode: `auto` asks nothing and takes what is proved; `ask` leads the dialogue
            as far as the answers go.
        answers: With `ask`: the answers so far, by the ids of their questions.
        defaults: With `ask`: give every other question its default.
        report: Whether the report comes with the answer.
        options: How.
    """

    mode: Literal["auto", "ask"] = text(default="auto")
    answers: Mapping[str, str] = table(
        most=_MOST_ANSWERS,
        max_length=2000,
        pattern=r"[^\x00-\x1f\x7f]{1,400}",
        hint="the id of a question",
    )
    defaults: bool = flag(default=False)
    report: bool = flag(default=True)
    options: Options = part(Options)  # noqa: RUF009 - a field, as by `text`


@dataclass(frozen=True)
class AnalyzeBody(ProgramBody):
    """A program to look at.

    Attributes:
        sources: Its files by their names, the main one first; headers, too.  An
            object, or where the order matters a list of objects with `name` and
            `text`.
        paths: Its files in the caller's home; they are read with the caller's token.
        save_to: Folder of the caller's home that gets what comes out, in files; `~`
            is the home itself.  Where it is empty all comes in the answer.
        seconds: How long the engine may work.
        functions: These functions only; all where none is named.
        options: How it is compiled.
    """

    functions: tuple[str, ...] = texts(most=100, max_length=300)
    options: Flags = part(Flags)  # noqa: RUF009 - a field, as by `text`

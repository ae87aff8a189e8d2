"""Reads the files of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipt.depth import deep_recursion
from ipt.errors import SourceError
from ipt.reading.includes import refuse_odd_includes
from ipt.reading.linking import link
from ipt.reading.parsing import (
    compiler_messages,
    language_or_refusal,
    options_for,
    parse,
    refuse_own_headers,
    warnings_of,
)
from ipt.reading.toolchain import Toolchain, find_toolchain
from ipt.reading.unit import Unit, read_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.model import Program
    from ipt.source import SourceText

__all__ = ["compiler_messages", "read_program", "read_programs"]

# What to say of a header that is not there, where no compiler is either.
_MISSING = {
    "c": "No compiler is installed here; of the system, only the headers of the C "
    "library can be included.",
    "c++": "No C++ compiler is installed here, so the headers of the C++ library "
    "cannot be included. Use ipt where one is.",
}


def read_program(
    source: SourceText,
    options: Sequence[str] = (),
    toolchain: Toolchain | None = None,
    *,
    own_headers: bool = True,
) -> Program:
    """Read one C or C++ file.

    Args:
        source: Its text; the name tells the language and the folder of its
            own headers.
        options: The user's `-I`, `-D` and `-std` options.
        toolchain: Header folders; asked from the compiler if None.
        own_headers: Whether headers outside the compiler's own folders may be
            read; text that came over a network must not name local files.

    Returns:
        The program.

    Raises:
        SourceError: The file is neither C nor C++, or does not compile.
    """
    return read_programs([source], options, toolchain, own_headers=own_headers)


def read_programs(
    sources: Sequence[SourceText],
    options: Sequence[str] = (),
    toolchain: Toolchain | None = None,
    *,
    own_headers: bool = True,
) -> Program:
    """Read several files that are linked into one program.

    Functions and variables that one file defines are known in the others:
    calls are followed across files, and a variable that is declared `extern`
    is the same one everywhere.

    Args:
        sources: Their texts, the main file first; C and C++ may be mixed.
        options: As for `read_program`; a standard of C is not for the C++
            files, and the other way round.
        toolchain: As for `read_program`.
        own_headers: As for `read_program`.

    Returns:
        The program.

    Raises:
        SourceError: A file is neither C nor C++, or does not compile; or the
            files do not fit together.
    """
    languages = [language_or_refusal(source) for source in sources]
    _check_files(sources, languages, options)
    units: list[Unit] = []
    with deep_recursion():
        for number, (source, language) in enumerate(
            zip(sources, languages, strict=True)
        ):
            tools = find_toolchain(language) if toolchain is None else toolchain
            if not own_headers:
                refuse_odd_includes(source)
            parsed = parse(source, language, options_for(language, options), tools)
            if not own_headers:
                refuse_own_headers(source, parsed, tools.includes(language))
            hint = _MISSING[language] if tools.is_stand_in(language) else ""
            warnings = warnings_of(source, parsed, hint)
            units.append(read_unit(source, language, parsed, warnings, number))
        return link(units)


def _check_files(
    sources: Sequence[SourceText], languages: Sequence[str], options: Sequence[str]
) -> None:
    if not sources:
        raise SourceError("No file was given.")
    names = [source.name for source in sources]
    for name in names:
        if names.count(name) > 1:
            raise SourceError(f"{name} is given twice. Name each file once.")
    for option in options:
        if option.startswith("-std=") and not any(
            option in options_for(language, [option]) for language in languages
        ):
            raise SourceError(
                f"{option} is not a standard of the language of {names[0]}. "
                "C has c99, c11 and c17; C++ has c++11, c++14, c++17 and c++20."
            )

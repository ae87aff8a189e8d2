"""Runs Clang on one file, and turns its errors into ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from clang.cindex import Diagnostic, TranslationUnitLoadError

from ipt.errors import ClangFailed, SourceError
from ipt.reading import clang_library
from ipt.reading.confinement import confinement
from ipt.reading.includes import header_refused
from ipt.reading.toolchain import STAND_IN, Toolchain, find_toolchain, language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipt.source import SourceText

__all__ = [
    "compiler_messages",
    "language_or_refusal",
    "options_for",
    "parse",
    "refuse_own_headers",
    "warnings_of",
]

_DEFAULT_STANDARD = {"c": "-std=gnu17", "c++": "-std=gnu++17"}
_SHOWN_ERRORS = 5


def language_or_refusal(source: SourceText) -> str:
    """Return `c` or `c++`.

    Raises:
        SourceError: The file is neither, or no text.
    """
    language = language_of(source.name)
    if language is None:
        raise SourceError(
            f"{source.name}: ipt reads C (.c) and C++ (.cc, .cpp, .cxx, .C) files. "
            "Rename the file, or convert the program."
        )
    if b"\0" in source.data:
        raise SourceError(
            f"{source.name}: the file contains a NUL byte; it is not text."
        )
    return language


def parse(
    source: SourceText, language: str, options: Sequence[str], toolchain: Toolchain
) -> Any:
    """Return the translation unit of a text.

    Raises:
        ClangFailed: Clang gives up on it.
    """
    arguments = ["-x", language, "-nostdinc", "-Wno-unknown-pragmas"]
    if not any(option.startswith("-std") for option in options):
        arguments.append(_DEFAULT_STANDARD[language])
    arguments += options
    for folder in toolchain.includes(language):
        arguments += ["-isystem", folder]
    arguments += confinement()
    try:
        return clang_library.parse(source.name, source.data, arguments)
    except TranslationUnitLoadError as error:
        given = " ".join(options)
        hint = f" Check the options: {given}" if given else ""
        raise ClangFailed(
            f"{source.name}: Clang could not read the file.{hint}"
        ) from error


def compiler_messages(
    source: SourceText, options: Sequence[str], toolchain: Toolchain | None = None
) -> list[str]:
    """Return the errors that Clang reports in a text, OpenMP included.

    GCC's own `omp.h` has attributes that Clang does not know; errors in
    headers are left out.
    """
    language = language_of(source.name) or "c"
    toolchain = find_toolchain(language) if toolchain is None else toolchain
    fitting = options_for(language, options)
    unit = parse(source, language, [*fitting, "-fopenmp"], toolchain)
    return [
        _render(source, diagnostic)
        for diagnostic in unit.diagnostics
        if diagnostic.severity >= Diagnostic.Error
        and diagnostic.location.file is not None
        and diagnostic.location.file.name == source.name
    ]


def options_for(language: str, options: Sequence[str]) -> list[str]:
    """Leave out a standard of the other language.

    Args:
        language: `c` or `c++`.
        options: The user's options, for all files.
    """
    return [
        each
        for each in options
        if not each.startswith("-std=") or ("++" in each) == (language == "c++")
    ]


def refuse_own_headers(
    source: SourceText, unit: Any, system_folders: tuple[str, ...]
) -> None:
    """Refuse headers outside the compiler's own folders.

    Raises:
        SourceError: One was read.
    """
    for include in unit.get_includes():
        path = str(Path(include.include.name).resolve())
        if not any(Path(path).is_relative_to(folder) for folder in system_folders):
            line = include.location.line if include.depth == 1 else 1
            raise header_refused(source, line)


def warnings_of(source: SourceText, unit: Any, missing: str = "") -> tuple[str, ...]:
    """Return Clang's warnings, ready to print.

    Args:
        source: The file.
        unit: What Clang made of it.
        missing: What to add where a header was not found.

    Raises:
        SourceError: There are errors; it shows the first ones.
    """
    errors: list[str] = []
    warnings: list[str] = []
    for diagnostic in unit.diagnostics:
        is_error = diagnostic.severity >= Diagnostic.Error
        (errors if is_error else warnings).append(_render(source, diagnostic))
    if errors:
        shown = errors[:_SHOWN_ERRORS]
        if len(errors) > len(shown):
            shown.append(f"… and {len(errors) - len(shown)} more errors.")
        if missing and any("' file not found" in each for each in shown):
            shown.append(missing)
        raise SourceError("\n".join(shown))
    return tuple(warnings)


def _render(source: SourceText, diagnostic: Any) -> str:
    severity = "error" if diagnostic.severity >= Diagnostic.Error else "warning"
    location = diagnostic.location
    if location.file is None:
        return f"{source.name}: {severity}: {diagnostic.spelling}"
    if location.file.name != source.name:
        # Where ipt is installed is nobody's business.
        name = location.file.name.replace(STAND_IN, "ipt/headers", 1)
        where = f"{name}:{location.line}:{location.column}"
        return f"{where}: {severity}: {diagnostic.spelling}"
    place = source.place(location.offset)
    return f"{place}: {severity}: {diagnostic.spelling}\n{source.caret(place)}"

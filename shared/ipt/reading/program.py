"""Reads a whole source file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from clang.cindex import (
    CursorKind,
    Diagnostic,
    LinkageKind,
    StorageClass,
    TranslationUnitLoadError,
)

from ipt.depth import deep_recursion
from ipt.errors import SourceError
from ipt.model import Call, Function, Program, walk
from ipt.reading import clang_library
from ipt.reading.expressions import ExpressionReader
from ipt.reading.includes import header_refused, refuse_odd_includes
from ipt.reading.punning import punned_types
from ipt.reading.statements import StatementReader
from ipt.reading.toolchain import Toolchain, find_toolchain, language_of
from ipt.reading.types import TypeReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ipt.model import Node
    from ipt.source import SourceText

__all__ = ["compiler_messages", "read_program"]

_CONTAINERS = {
    CursorKind.NAMESPACE,
    CursorKind.LINKAGE_SPEC,
    CursorKind.UNEXPOSED_DECL,
    CursorKind.CLASS_DECL,
    CursorKind.STRUCT_DECL,
}
_FUNCTIONS = (CursorKind.FUNCTION_DECL, CursorKind.CXX_METHOD)
_DEFAULT_STANDARD = {"c": "-std=gnu17", "c++": "-std=gnu++17"}
_SHOWN_ERRORS = 5


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
    toolchain = find_toolchain(language) if toolchain is None else toolchain
    if not own_headers:
        refuse_odd_includes(source)
    unit = _parse(source, language, options, toolchain)
    if not own_headers:
        _refuse_own_headers(source, unit, toolchain.includes(language))
    warnings = _check(source, unit)
    with deep_recursion():
        return _convert(source, language, unit, warnings)


def compiler_messages(
    source: SourceText, options: Sequence[str], toolchain: Toolchain | None = None
) -> list[str]:
    """Return the errors that Clang reports in a text, OpenMP included.

    GCC's own `omp.h` has attributes that Clang does not know; errors in
    headers are left out.
    """
    language = language_of(source.name) or "c"
    toolchain = find_toolchain(language) if toolchain is None else toolchain
    unit = _parse(source, language, [*options, "-fopenmp"], toolchain)
    return [
        _render(source, diagnostic)
        for diagnostic in unit.diagnostics
        if diagnostic.severity >= Diagnostic.Error
        and diagnostic.location.file is not None
        and diagnostic.location.file.name == source.name
    ]


def _parse(
    source: SourceText, language: str, options: Sequence[str], toolchain: Toolchain
) -> Any:
    arguments = ["-x", language, "-nostdinc", "-Wno-unknown-pragmas"]
    if not any(option.startswith("-std") for option in options):
        arguments.append(_DEFAULT_STANDARD[language])
    arguments += options
    for folder in toolchain.includes(language):
        arguments += ["-isystem", folder]
    try:
        return clang_library.parse(source.name, source.data, arguments)
    except TranslationUnitLoadError as error:
        raise SourceError(f"{source.name}: Clang could not read the file.") from error


def _refuse_own_headers(
    source: SourceText, unit: Any, system_folders: tuple[str, ...]
) -> None:
    for include in unit.get_includes():
        path = str(Path(include.include.name).resolve())
        if not any(Path(path).is_relative_to(folder) for folder in system_folders):
            line = include.location.line if include.depth == 1 else 1
            raise header_refused(source, line)


def _check(source: SourceText, unit: Any) -> tuple[str, ...]:
    errors: list[str] = []
    warnings: list[str] = []
    for diagnostic in unit.diagnostics:
        is_error = diagnostic.severity >= Diagnostic.Error
        (errors if is_error else warnings).append(_render(source, diagnostic))
    if errors:
        shown = errors[:_SHOWN_ERRORS]
        if len(errors) > len(shown):
            shown.append(f"… and {len(errors) - len(shown)} more errors.")
        raise SourceError("\n".join(shown))
    return tuple(warnings)


def _render(source: SourceText, diagnostic: Any) -> str:
    severity = "error" if diagnostic.severity >= Diagnostic.Error else "warning"
    location = diagnostic.location
    if location.file is None:
        return f"{source.name}: {severity}: {diagnostic.spelling}"
    if location.file.name != source.name:
        where = f"{location.file.name}:{location.line}:{location.column}"
        return f"{where}: {severity}: {diagnostic.spelling}"
    place = source.place(location.offset)
    return f"{place}: {severity}: {diagnostic.spelling}\n{source.caret(place)}"


def _main_file_children(cursor: Any, main_file: str) -> Iterator[Any]:
    for child in cursor.get_children():
        file = child.location.file
        if file is not None and file.name == main_file:
            yield child


def _leaves(cursor: Any, main_file: str) -> Iterator[Any]:
    for child in _main_file_children(cursor, main_file):
        if child.kind in _CONTAINERS:
            yield from _leaves(child, main_file)
        else:
            yield child


def _convert(
    source: SourceText, language: str, unit: Any, warnings: tuple[str, ...]
) -> Program:
    types = TypeReader(source)
    expressions = ExpressionReader(types)
    statements = StatementReader(source, types, expressions)
    functions: list[Function] = []
    roots: list[Node] = []
    public: set[tuple[str, int]] = set()
    for cursor in _leaves(unit.cursor, source.name):
        body = _body(cursor)
        if body is not None:
            functions.append(_function(cursor, body, types, statements))
        elif cursor.kind is CursorKind.VAR_DECL:
            variable = statements.read_declarator(cursor)
            roots.append(variable)
            expressions.mentions.names.update(_called([variable]))
            if _is_public(cursor):
                public.add(variable.variable.key)
        else:
            # Templates, constructors and the like may use anything too.
            expressions.mentions.note(cursor)
    roots += [function.body for function in functions]
    names = expressions.mentions.names
    return Program(
        (source,),
        language,
        tuple(functions),
        warnings,
        frozenset(expressions.address_taken),
        frozenset(expressions.function_pointers)
        | {each.key for each in functions if each.name in names},
        {function.key: function for function in functions},
        frozenset(public),
        punned_types(roots) | _any_type(source, expressions),
        frozenset(names | _called(roots)),
    )


def _body(cursor: Any) -> Any:
    """Return the body of a function that can be read, else None."""
    if cursor.kind not in _FUNCTIONS or not cursor.is_definition():
        return None
    bodies = [
        child
        for child in cursor.get_children()
        if child.kind is CursorKind.COMPOUND_STMT
    ]
    return bodies[-1] if bodies else None


def _function(
    cursor: Any, body: Any, types: TypeReader, statements: StatementReader
) -> Function:
    return Function(
        cursor.get_usr(),
        cursor.spelling,
        types.span(cursor),
        tuple(types.variable(each) for each in cursor.get_arguments()),
        statements.read_body(body),
        is_static=cursor.storage_class is StorageClass.STATIC,
    )


def _is_public(cursor: Any) -> bool:
    is_external = cursor.linkage is LinkageKind.EXTERNAL
    return is_external and not cursor.type.is_const_qualified()


def _any_type(source: SourceText, expressions: ExpressionReader) -> frozenset[str]:
    is_free = expressions.mentions.has_cast or b"may_alias" in source.data
    return frozenset({"*"} if is_free else ())


def _called(roots: Sequence[Node]) -> set[str]:
    return {
        node.name for root in roots for node in walk(root) if isinstance(node, Call)
    }

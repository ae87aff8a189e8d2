"""libclang, with the few calls that its Python binding does not wrap.

This is the only module that touches ctypes, and `reading` the only package
that sees cursors.
"""

from __future__ import annotations

from ctypes import POINTER, byref, c_double, c_int, c_longlong, c_uint, c_void_p
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from clang import cindex

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "BINARY_OPERATORS",
    "UNARY_OPERATORS",
    "Locator",
    "binary_operator",
    "evaluate",
    "initializer",
    "is_anonymous_record",
    "is_inline",
    "parse",
    "unary_operator",
]

# CXUnaryOperatorKind and CXBinaryOperatorKind of clang-c/Index.h (LLVM 17 on).
UNARY_OPERATORS = {
    1: "p++",
    2: "p--",
    3: "++p",
    4: "--p",
    5: "&",
    6: "*",
    7: "+",
    8: "-",
    9: "~",
    10: "!",
}
BINARY_OPERATORS = {
    **dict(enumerate(("*", "/", "%", "+", "-", "<<", ">>"), start=3)),
    **dict(enumerate(("<", ">", "<=", ">=", "==", "!="), start=11)),
    **dict(enumerate(("&", "^", "|", "&&", "||", "="), start=17)),
    **dict(
        enumerate(
            ("*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "&=", "^=", "|=", ","),
            start=23,
        )
    ),
}
_EVALUATED_INTEGER = 1
_EVALUATED_REAL = 2
_MACRO_BIT = 1 << 31


@lru_cache(maxsize=1)
def _library() -> Any:
    library = cindex.conf.lib
    for name in (
        "clang_getCursorBinaryOperatorKind",
        "clang_getCursorUnaryOperatorKind",
    ):
        getattr(library, name).argtypes = [cindex.Cursor]
        getattr(library, name).restype = c_int
    library.clang_Cursor_Evaluate.argtypes = [cindex.Cursor]
    library.clang_Cursor_Evaluate.restype = c_void_p
    library.clang_EvalResult_getKind.argtypes = [c_void_p]
    library.clang_EvalResult_getKind.restype = c_int
    library.clang_EvalResult_getAsLongLong.argtypes = [c_void_p]
    library.clang_EvalResult_getAsLongLong.restype = c_longlong
    library.clang_EvalResult_getAsDouble.argtypes = [c_void_p]
    library.clang_EvalResult_getAsDouble.restype = c_double
    library.clang_EvalResult_dispose.argtypes = [c_void_p]
    library.clang_EvalResult_dispose.restype = None
    for name in (
        "clang_Cursor_isAnonymousRecordDecl",
        "clang_Cursor_isFunctionInlined",
    ):
        getattr(library, name).argtypes = [cindex.Cursor]
        getattr(library, name).restype = c_uint
    library.clang_Cursor_getVarDeclInitializer.argtypes = [cindex.Cursor]
    library.clang_Cursor_getVarDeclInitializer.restype = cindex.Cursor
    library.clang_getExpansionLocation.argtypes = [
        cindex.SourceLocation,
        POINTER(c_void_p),
        *[POINTER(c_uint)] * 3,
    ]
    library.clang_getExpansionLocation.restype = None
    return library


def parse(name: str, data: bytes, arguments: Sequence[str]) -> Any:
    """Parse a text under a file name, and return its translation unit.

    Raises:
        clang.cindex.TranslationUnitLoadError: Clang gave up altogether.
    """
    return cindex.Index.create().parse(
        name, args=list(arguments), unsaved_files=[(name, data)]
    )


class Locator:
    """Finds places of cursors; owns the memory that libclang answers into."""

    def __init__(self) -> None:
        library = _library()
        self._extent = library.clang_getCursorExtent
        self._start = library.clang_getRangeStart
        self._end = library.clang_getRangeEnd
        self._expansion = library.clang_getExpansionLocation
        self._file, self._offset = c_void_p(), c_uint()
        self._answer = (byref(self._file), None, None, byref(self._offset))

    def extent(self, cursor: Any) -> tuple[int, int, int]:
        """Return the file of a cursor, as a number, and its first and last byte.

        What a macro gives has the place of the macro's use.
        """
        extent = self._extent(cursor)
        self._expansion(self._end(extent), *self._answer)
        end = self._offset.value
        self._expansion(self._start(extent), *self._answer)
        return self._file.value or 0, self._offset.value, end

    def begins_in_macro(self, cursor: Any) -> bool:
        """Tell whether the first token of a cursor comes from a macro.

        libclang has no call that says so; the highest bit of a location is
        Clang's own mark of a macro (`SourceLocation::MacroIDBit`).
        """
        return bool(self._start(self._extent(cursor)).int_data & _MACRO_BIT)


def binary_operator(cursor: Any) -> str:
    """Return the operator of a binary expression, empty if unknown."""
    return BINARY_OPERATORS.get(
        _library().clang_getCursorBinaryOperatorKind(cursor), ""
    )


def unary_operator(cursor: Any) -> str:
    """Return the operator of a unary expression, empty if unknown."""
    return UNARY_OPERATORS.get(_library().clang_getCursorUnaryOperatorKind(cursor), "")


def initializer(cursor: Any) -> Any:
    """Return the initialiser of a variable, or None."""
    found = _library().clang_Cursor_getVarDeclInitializer(cursor)
    if found.kind.is_invalid():
        return None
    found._tu = cursor._tu  # noqa: SLF001 - the binding sets it on every cursor it wraps
    return found


def is_anonymous_record(cursor: Any) -> bool:
    """Tell whether a struct or union has neither a name nor a member of its type."""
    return bool(_library().clang_Cursor_isAnonymousRecordDecl(cursor))


def is_inline(cursor: Any) -> bool:
    """Tell whether a function is inline, said so or defined in its class."""
    return bool(_library().clang_Cursor_isFunctionInlined(cursor))


def evaluate(cursor: Any) -> int | None:
    """Return the value of a constant integer expression, None for any other."""
    library = _library()
    result = library.clang_Cursor_Evaluate(cursor)
    if not result:
        return None
    try:
        if library.clang_EvalResult_getKind(result) != _EVALUATED_INTEGER:
            return None
        return int(library.clang_EvalResult_getAsLongLong(result))
    finally:
        library.clang_EvalResult_dispose(result)


def evaluate_real(cursor: Any) -> float | None:
    """Return the value of a floating-point constant, None for anything else."""
    library = _library()
    result = library.clang_Cursor_Evaluate(cursor)
    if not result:
        return None
    try:
        if library.clang_EvalResult_getKind(result) != _EVALUATED_REAL:
            return None
        return float(library.clang_EvalResult_getAsDouble(result))
    finally:
        library.clang_EvalResult_dispose(result)

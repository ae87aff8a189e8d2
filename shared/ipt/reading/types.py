"""Clang types and variable declarations to the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clang.cindex import CursorKind, StorageClass, TLSKind, TypeKind

from ipt.model import CType, Kind, Scope, Variable
from ipt.reading import clang_library
from ipt.source import Span

if TYPE_CHECKING:
    from ipt.source import SourceText

__all__ = ["VOID", "TypeReader"]

_INTEGERS = {
    TypeKind.BOOL: False,
    TypeKind.CHAR_U: False,
    TypeKind.UCHAR: False,
    TypeKind.USHORT: False,
    TypeKind.UINT: False,
    TypeKind.ULONG: False,
    TypeKind.ULONGLONG: False,
    TypeKind.CHAR_S: True,
    TypeKind.SCHAR: True,
    TypeKind.SHORT: True,
    TypeKind.INT: True,
    TypeKind.LONG: True,
    TypeKind.LONGLONG: True,
    TypeKind.ENUM: False,
}
_FLOATINGS = {TypeKind.FLOAT, TypeKind.DOUBLE, TypeKind.LONGDOUBLE}
_ARRAYS = {
    TypeKind.CONSTANTARRAY,
    TypeKind.INCOMPLETEARRAY,
    TypeKind.VARIABLEARRAY,
    TypeKind.DEPENDENTSIZEDARRAY,
}
_REFERENCES = {TypeKind.LVALUEREFERENCE, TypeKind.RVALUEREFERENCE}
VOID = CType(Kind.OTHER, "void")


class TypeReader:
    """Converts types and declarations of one translation unit.

    Owns the caches, so that each variable is one object.
    """

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._types: dict[tuple[Any, str], CType] = {}
        self._variables: dict[tuple[str, int], Variable] = {}
        self._declared: dict[tuple[str, int], list[Any]] = {}

    def span(self, cursor: Any) -> Span:
        """Return the byte span of a cursor."""
        extent = cursor.extent
        return Span(extent.start.offset, extent.end.offset, self._source)

    def ctype(self, clang_type: Any) -> CType:
        """Convert a Clang type."""
        canonical = clang_type.get_canonical()
        key = (canonical.kind, canonical.spelling)
        if key not in self._types:
            self._types[key] = self._convert(canonical)
        return self._types[key]

    def _convert(self, canonical: Any) -> CType:
        kind, bits, is_signed = _classify(canonical)
        target = None
        extent = None
        if kind in (Kind.POINTER, Kind.REFERENCE):
            target = self.ctype(canonical.get_pointee())
        elif kind is Kind.ARRAY:
            target = self.ctype(canonical.element_type)
            if canonical.kind is TypeKind.CONSTANTARRAY:
                extent = int(canonical.element_count)
        return CType(
            kind,
            _plain(canonical.spelling),
            bits,
            is_signed,
            is_const=canonical.is_const_qualified(),
            is_volatile=canonical.is_volatile_qualified(),
            is_restrict=canonical.is_restrict_qualified(),
            target=target,
            extent=extent,
        )

    def is_anonymous_member(self, cursor: Any) -> bool:
        """Tell whether a member is an unnamed struct or union."""
        if cursor.kind is not CursorKind.MEMBER_REF_EXPR:
            return False
        return clang_library.is_anonymous_record(cursor.type.get_declaration())

    def overlay(self, field: Any) -> str:
        """Return the name for all members that share the memory of one."""
        if field is None or field.kind is not CursorKind.FIELD_DECL:
            return ""
        holder = field.semantic_parent
        while holder is not None:
            if holder.kind is CursorKind.UNION_DECL:
                return "(union)"
            if not clang_library.is_anonymous_record(holder):
                break
            holder = holder.semantic_parent
        return "(bits)" if field.is_bitfield() else ""

    def variable(self, cursor: Any) -> Variable:
        """Convert the declaration of a variable or parameter."""
        location = cursor.canonical.location
        name = location.file.name if location.file else "?"
        is_main = name == self._source.name
        key = self._key("" if is_main else name, cursor.canonical)
        if key not in self._variables:
            self._variables[key] = Variable(
                key,
                cursor.spelling,
                self.ctype(cursor.type),
                _scope(cursor),
                is_thread_local=cursor.tls_kind is not TLSKind.NONE,
                offset=location.offset if is_main else -1,
            )
        return self._variables[key]

    def _key(self, file: str, cursor: Any) -> tuple[str, int]:
        # All that one macro declares has the offset of the macro's use.
        place = (f"{file}:{cursor.spelling}", cursor.location.offset)
        found = self._declared.setdefault(place, [])
        if cursor not in found:
            found.append(cursor)
        return f"{place[0]}:{found.index(cursor)}", place[1]


def _plain(spelling: str) -> str:
    words = spelling.split(" ")
    while words and words[0] in ("const", "volatile"):
        words.pop(0)
    return " ".join(words)


def _classify(canonical: Any) -> tuple[Kind, int, bool]:  # noqa: PLR0911 - a return a case
    kind = canonical.kind
    if kind in _INTEGERS:
        return Kind.INTEGER, max(canonical.get_size(), 1) * 8, _INTEGERS[kind]
    if kind in _FLOATINGS:
        return Kind.FLOATING, canonical.get_size() * 8, True
    if kind is TypeKind.POINTER:
        return Kind.POINTER, 0, False
    if kind in _ARRAYS:
        return Kind.ARRAY, 0, False
    if kind in _REFERENCES:
        return Kind.REFERENCE, 0, False
    if kind is TypeKind.RECORD:
        is_union = canonical.get_declaration().kind is CursorKind.UNION_DECL
        return (Kind.UNION if is_union else Kind.RECORD), 0, False
    return Kind.OTHER, 0, False


def _scope(cursor: Any) -> Scope:
    if cursor.kind is CursorKind.PARM_DECL:
        return Scope.PARAMETER
    parent = cursor.semantic_parent
    in_function = parent is not None and parent.kind in (
        CursorKind.FUNCTION_DECL,
        CursorKind.CXX_METHOD,
        CursorKind.CONSTRUCTOR,
        CursorKind.LAMBDA_EXPR,
        CursorKind.FUNCTION_TEMPLATE,
    )
    if not in_function or cursor.storage_class is StorageClass.EXTERN:
        return Scope.GLOBAL
    if cursor.storage_class is StorageClass.STATIC:
        return Scope.STATIC
    return Scope.LOCAL

"""Clang types and variable declarations to the model's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clang.cindex import CursorKind, LinkageKind, StorageClass, TLSKind, TypeKind

from ipt.model import CType, Kind, Scope, Variable
from ipt.reading import clang_library
from ipt.source import Edge, SourceText, Span

__all__ = ["VOID", "TypeReader", "names_object", "pointer_to"]

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
_CLASSES = {
    CursorKind.CLASS_DECL,
    CursorKind.STRUCT_DECL,
    CursorKind.CLASS_TEMPLATE,
    CursorKind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION,
}
_REFERENCES = {TypeKind.LVALUEREFERENCE, TypeKind.RVALUEREFERENCE}
VOID = CType(Kind.OTHER, "void")


class TypeReader:
    """Converts places, types and declarations of one translation unit.

    Owns the caches, so that each variable is one object.

    Attributes:
        headers: The user's own headers that were met, by name.
        external: Keys of variables that other files know by name too.
        in_template: Whether what is read is made from a template.
        used: What other files may define, if it is used: key to name and place.
        definitions: Where the functions that are used have their bodies, or None.
    """

    def __init__(self, source: SourceText, unit: str = "") -> None:
        self._source = source
        self._unit = unit
        self._types: dict[tuple[Any, str], CType] = {}
        self._known_types: dict[int, CType] = {}
        self._variables: dict[tuple[str, int], Variable] = {}
        self._known_variables: dict[int, Variable] = {}
        self._declared: dict[tuple[str, int], list[Any]] = {}
        self._locator = clang_library.Locator()
        self._files: dict[int, SourceText] = {}
        self._edges: dict[tuple[int, int], Edge] = {}
        self.headers: dict[str, SourceText] = {}
        self.external: set[tuple[str, int]] = set()
        self.in_template = False
        self.used: dict[str, tuple[str, Span]] = {}
        self.definitions: dict[str, Any] = {}

    def span(self, cursor: Any) -> Span:
        """Return the byte span of a cursor."""
        file, start, end = self._locator.extent(cursor)
        return Span(start, end, self._files.get(file) or self._text(file, cursor))

    def statement_span(self, cursor: Any) -> Span:
        """Return the byte span of a statement, with what macros have to do with it.

        No line can be added to a header, whichever way its text comes in, nor to
        what is made from a template, whose text others are made from, too.
        """
        file, start, end = self._locator.extent(cursor)
        source = self._files.get(file) or self._text(file, cursor)
        is_foreign = self.in_template or source is not self._source
        edge = self._edges.setdefault((file, end), Edge())
        begins = is_foreign or self._locator.begins_in_macro(cursor)
        return Span(start, end, source, begins, edge)

    def _text(self, file: int, cursor: Any) -> SourceText:
        """Return the text of the file that a cursor lies in."""
        place = cursor.extent.start
        name = place.file.name if place.file else ""
        if name == self._source.name:
            text = self._source
        elif not name or place.is_in_system_header:
            text = SourceText(name, b"")
        elif name in self.headers:
            text = self.headers[name]
        else:
            text = self.headers[name] = SourceText(name, _bytes_of(name))
        self._files[file] = text
        return text

    def ctype(self, clang_type: Any) -> CType:
        """Convert a Clang type."""
        number = clang_type.data[0]
        if number not in self._known_types:
            canonical = clang_type.get_canonical()
            key = (canonical.kind, canonical.spelling)
            if key not in self._types:
                self._types[key] = self._convert(canonical)
            self._known_types[number] = self._types[key]
        return self._known_types[number]

    def _convert(self, canonical: Any) -> CType:
        element = _container_element(canonical)
        if element is not None:
            return CType(
                Kind.ARRAY,
                _plain(canonical.spelling),
                is_const=canonical.is_const_qualified(),
                target=self.ctype(element),
                extent=_container_extent(canonical),
                is_container=True,
            )
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

    def is_plain(self, clang_type: Any) -> bool:
        """Tell whether no code runs when what a pointer points to is destroyed."""
        target = clang_type.get_canonical().get_pointee()
        return _has_no_destructor(target.get_canonical())

    def is_place(self, function: Any) -> bool:
        """Tell whether a call of a function names a place."""
        result = function.result_type
        return names_object(result, self.ctype(result))

    def is_reference(self, field: Any) -> bool:
        """Tell whether a member is a reference: it names memory elsewhere."""
        return self.ctype(field.type).kind is Kind.REFERENCE

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
        number = cursor.data[0]
        if number not in self._known_variables:
            self._known_variables[number] = self._variable(cursor)
        return self._known_variables[number]

    def _variable(self, cursor: Any) -> Variable:
        canonical = cursor.canonical
        location = canonical.location
        name = location.file.name if location.file else "?"
        is_main = name == self._source.name
        usr = canonical.get_usr()
        if usr and canonical.linkage is LinkageKind.EXTERNAL:
            key = (usr, -1)
            self._note_external(key, cursor)
        else:
            key = self._key(f"{self._unit}:{'' if is_main else name}", canonical)
        if key not in self._variables:
            ctype = self.ctype(cursor.type)
            is_reference = names_object(cursor.type, ctype)
            if is_reference and ctype.target is not None:
                ctype = pointer_to(ctype.target)
            self._variables[key] = Variable(
                key,
                cursor.spelling,
                ctype,
                _scope(cursor),
                is_thread_local=cursor.tls_kind is not TLSKind.NONE,
                offset=location.offset if is_main else -1,
                source=self._source if is_main else None,
                is_reference=is_reference,
                is_static_member=_is_in_class(canonical),
            )
        return self._variables[key]

    def this(self, method: Any) -> Variable:
        """Return the hidden parameter of a method."""
        span = self.span(method)
        record = self.ctype(method.semantic_parent.type)
        return Variable(
            (f"this:{self.function_key(method)}", 0),
            "this",
            pointer_to(record),
            Scope.PARAMETER,
            offset=span.start,
            source=span.source,
        )

    def constant(self, cursor: Any, span: Span) -> int | None:
        """Return the value of a constant with a name such as `k::size`, else None.

        No clause can name it, and the body of a parallel loop need not.
        """
        is_constant = (
            cursor.type.is_const_qualified()
            and b"::" in span.source.data[span.start : span.end]
        )
        is_number = is_constant and self.ctype(cursor.type).kind is Kind.INTEGER
        return clang_library.evaluate(cursor) if is_number else None

    def _note_external(self, key: tuple[str, int], cursor: Any) -> None:
        if not cursor.location.is_in_system_header:
            self.used.setdefault(key[0], (cursor.spelling, self.span(cursor)))
        if not cursor.type.is_const_qualified():
            self.external.add(key)

    def function_key(self, cursor: Any) -> str:
        """Return what tells a function from all others of the program."""
        usr = str(cursor.get_usr())
        if cursor.linkage is LinkageKind.EXTERNAL:
            return usr
        return f"{self._unit}:{usr}"

    def use_function(self, target: Any, use: Any) -> str:
        """Note that a function is used, and return its key."""
        key = self.function_key(target)
        if not target.location.is_in_system_header and key not in self.used:
            self.used[key] = (target.spelling, self.span(use))
            self.definitions[key] = target.get_definition()
        return key

    def _key(self, file: str, cursor: Any) -> tuple[str, int]:
        # All that one macro declares has the offset of the macro's use.
        place = (f"{file}:{cursor.spelling}", cursor.location.offset)
        found = self._declared.setdefault(place, [])
        if cursor not in found:
            found.append(cursor)
        return f"{place[0]}:{found.index(cursor)}", place[1]


def _is_in_class(cursor: Any) -> bool:
    holder = cursor.semantic_parent
    return holder is not None and holder.kind in _CLASSES


def pointer_to(target: CType) -> CType:
    """Return the type of a pointer to a type."""
    return CType(Kind.POINTER, f"{target.spelling} *", target=target)


def names_object(clang_type: Any, ctype: CType) -> bool:
    """Tell whether a type is that of a reference to an object that has a place."""
    canonical = clang_type.get_canonical()
    if canonical.kind is not TypeKind.LVALUEREFERENCE or ctype.target is None:
        return False
    return ctype.target.kind not in (Kind.OTHER, Kind.REFERENCE)


def _container_element(canonical: Any) -> Any:
    """Return the element type of `std::vector` or `std::array`, else None.

    `std::vector<bool>` keeps several elements in one word.
    """
    if canonical.kind is not TypeKind.RECORD:
        return None
    record = canonical.get_declaration()
    if record.spelling not in ("vector", "array") or not _is_in_std(record):
        return None
    element = canonical.get_template_argument_type(0)
    if record.spelling == "array":
        return element
    allocator = canonical.get_template_argument_type(1).get_canonical().spelling
    is_usual = allocator.startswith("std::allocator<")
    is_packed = element.get_canonical().kind is TypeKind.BOOL
    return element if is_usual and not is_packed else None


def _has_no_destructor(canonical: Any) -> bool:
    if canonical.kind is not TypeKind.RECORD:
        return _classify(canonical)[0] in (Kind.INTEGER, Kind.FLOATING, Kind.POINTER)
    record = canonical.get_declaration()
    for child in record.get_children():
        if child.kind in (CursorKind.DESTRUCTOR, CursorKind.CXX_BASE_SPECIFIER):
            return False
        is_field = child.kind is CursorKind.FIELD_DECL
        if is_field and not _has_no_destructor(child.type.get_canonical()):
            return False
    return bool(record.is_definition())


def _is_in_std(record: Any) -> bool:
    parent = record.semantic_parent
    while parent is not None and parent.kind is CursorKind.NAMESPACE:
        if parent.spelling == "std":
            return bool(parent.location.is_in_system_header)
        parent = parent.semantic_parent
    return False


def _container_extent(canonical: Any) -> int | None:
    record = canonical.get_declaration()
    if record.spelling != "array":
        return None
    return int(record.get_template_argument_value(1))


def _bytes_of(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError:
        return b""


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

"""Converts one translation unit: a file, and what the user's headers define."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from clang.cindex import CursorKind, LinkageKind, StorageClass

from ipt.model import Call, Function, walk
from ipt.reading import clang_library
from ipt.reading.expressions import ExpressionReader
from ipt.reading.statements import StatementReader
from ipt.reading.types import TypeReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipt.model import Declarator, Node
    from ipt.reading.addresses import Loan
    from ipt.source import SourceText, Span

__all__ = ["Unit", "read_unit"]

_CONTAINERS = {
    CursorKind.NAMESPACE,
    CursorKind.LINKAGE_SPEC,
    CursorKind.UNEXPOSED_DECL,
    CursorKind.CLASS_DECL,
    CursorKind.STRUCT_DECL,
}
_METHODS = (
    CursorKind.CXX_METHOD,
    CursorKind.CONSTRUCTOR,
    CursorKind.DESTRUCTOR,
)
_FUNCTIONS = (CursorKind.FUNCTION_DECL, *_METHODS)
_MEMBERS = (
    CursorKind.CXX_METHOD,
    CursorKind.CONSTRUCTOR,
    CursorKind.DESTRUCTOR,
    CursorKind.CONVERSION_FUNCTION,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One file as read by itself; `linking` puts several together.

    Attributes:
        included: Functions that the user's headers define.
        inline: Keys of C++ functions that several files may define.
        roots: All code whose tree is known.
        names: What is named in code that is not understood.
        used: What other files may define, if it is used: key to name and place.
        defined: Keys of what this file defines for others.
        external: Keys of variables that other files know by name too.
        has_cast: Whether code that is not understood converts pointers.
    """

    source: SourceText
    language: str
    warnings: tuple[str, ...]
    functions: list[Function] = field(default_factory=list)
    included: list[Function] = field(default_factory=list)
    inline: set[str] = field(default_factory=set)
    roots: list[Node] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    used: dict[str, tuple[str, Span]] = field(default_factory=dict)
    defined: set[str] = field(default_factory=set)
    external: set[tuple[str, int]] = field(default_factory=set)
    address_taken: set[tuple[str, int]] = field(default_factory=set)
    function_pointers: set[str] = field(default_factory=set)
    loans: list[Loan] = field(default_factory=list)
    globals: list[Declarator] = field(default_factory=list)
    headers: tuple[SourceText, ...] = ()
    has_cast: bool = False

    @property
    def texts(self) -> tuple[SourceText, ...]:
        """The file and the user's headers."""
        return (self.source, *self.headers)


def read_unit(
    source: SourceText, language: str, unit: Any, warnings: tuple[str, ...], number: int
) -> Unit:
    """Convert a translation unit.

    Args:
        source: The file.
        language: `c` or `c++`.
        unit: What Clang made of it.
        warnings: What Clang said.
        number: Tells the file's own names from those of other files.

    Raises:
        SourceError: It is nested too deeply.
    """
    return _UnitReader(source, language, number).read(unit, warnings)


class _UnitReader:
    def __init__(self, source: SourceText, language: str, number: int) -> None:
        self._source = source
        self._types = TypeReader(source, str(number))
        self._expressions = ExpressionReader(self._types)
        self._statements = StatementReader(source, self._types, self._expressions)
        self._language = language

    def read(self, unit: Any, warnings: tuple[str, ...]) -> Unit:
        """Convert all that the file and the user's headers declare."""
        found = Unit(self._source, self._language, warnings)
        for cursor in _leaves(unit.cursor):
            self._leaf(cursor, found)
        self._instances(found)
        found.roots.extend(each.body for each in (*found.functions, *found.included))
        mentions, types = self._expressions.mentions, self._types
        return Unit(
            self._source,
            self._language,
            warnings,
            found.functions,
            found.included,
            found.inline,
            found.roots,
            mentions.names,
            mentions.names | _called(found.roots),
            types.used,
            found.defined,
            types.external,
            self._expressions.address_taken,
            self._expressions.function_pointers,
            self._expressions.loans,
            found.globals,
            tuple(types.headers.values()),
            mentions.has_cast,
        )

    def _leaf(self, cursor: Any, found: Unit) -> None:
        body = _body(cursor)
        if body is not None:
            self._function(cursor, body, found)
        elif cursor.kind is CursorKind.VAR_DECL:
            self._variable(cursor, found)
        else:
            if cursor.kind in _MEMBERS:
                self._member(cursor, found)
            # Templates, constructors and the like may use anything too.
            self._expressions.mentions.note(cursor)
            if cursor.kind is CursorKind.FIELD_DECL:
                self._expressions.mentions.note_field(cursor)

    def _instances(self, found: Unit) -> None:
        """Read what is made from templates, as far as it is called."""
        known = {each.key for each in (*found.functions, *found.included)}
        while self._types.definitions:
            key, cursor = self._types.definitions.popitem()
            body = None if cursor is None or key in known else _body(cursor)
            if body is not None:
                known.add(key)
                self._function(cursor, body, found, is_instance=True)

    def _variable(self, cursor: Any, found: Unit) -> None:
        variable = self._statements.read_declarator(cursor)
        found.roots.append(variable)
        found.globals.append(variable)
        self._expressions.mentions.names.update(_called([variable]))
        is_extern = cursor.storage_class is StorageClass.EXTERN
        if not is_extern or variable.init is not None:
            found.defined.add(variable.variable.key[0])

    def _member(self, cursor: Any, found: Unit) -> None:
        """Note a method without a tree; that it is declared counts as a use."""
        is_here = (
            cursor.is_definition()
            or cursor.is_default_method()
            or cursor.is_deleted_method()
            or cursor.is_pure_virtual_method()
        )
        if is_here:
            found.defined.add(self._types.function_key(cursor))
        else:
            self._types.use_function(cursor, cursor)

    def _function(
        self, cursor: Any, body: Any, found: Unit, *, is_instance: bool = False
    ) -> None:
        parameters = [self._types.variable(each) for each in cursor.get_arguments()]
        this = None
        if cursor.kind in _METHODS and not cursor.is_static_method():
            this = self._types.this(cursor)
            parameters.insert(0, this)
        self._expressions.this = this
        self._types.in_template = is_instance
        function = Function(
            self._types.function_key(cursor),
            cursor.spelling,
            self._types.span(cursor),
            tuple(parameters),
            self._statements.read_body(body, _initialisers(cursor)),
            is_static=cursor.linkage is not LinkageKind.EXTERNAL,
        )
        self._expressions.this = None
        is_here = function.span.source is self._source and not is_instance
        (found.functions if is_here else found.included).append(function)
        found.defined.add(function.key)
        if self._language == "c++" and (is_instance or clang_library.is_inline(cursor)):
            found.inline.add(function.key)


def _leaves(cursor: Any) -> Iterator[Any]:
    """Yield the declarations that are the user's own, out of their containers."""
    for child in cursor.get_children():
        location = child.location
        if location.file is None or location.is_in_system_header:
            continue
        if child.kind in _CONTAINERS:
            yield from _leaves(child)
        else:
            yield child


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


def _initialisers(cursor: Any) -> list[tuple[Any, Any]]:
    """Return what a constructor gives to members before its body.

    Each is the member, None for a base class, and the value.
    """
    if cursor.kind is not CursorKind.CONSTRUCTOR:
        return []
    found: list[tuple[Any, Any]] = []
    member = None
    for each in cursor.get_children():
        if each.kind.is_expression():
            found.append((member, each))
            member = None
        elif each.kind is CursorKind.MEMBER_REF:
            member = each.referenced
    return found


def _called(roots: list[Node]) -> set[str]:
    return {
        node.name for root in roots for node in walk(root) if isinstance(node, Call)
    }

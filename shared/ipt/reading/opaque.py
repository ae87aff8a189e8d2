"""What code that is not understood may use: everything that it names.

Lambdas, templates, constructors and the like have no tree of their own.
A variable that they name counts as reached by pointers, and a function as
called from anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clang.cindex import CursorKind

from ipt.model import Variable, VarRef

if TYPE_CHECKING:
    from ipt.reading.types import TypeReader

__all__ = ["Mentions"]

_VARIABLES = (CursorKind.VAR_DECL, CursorKind.PARM_DECL)
_FUNCTIONS = (
    CursorKind.FUNCTION_DECL,
    CursorKind.CXX_METHOD,
    CursorKind.CONSTRUCTOR,
    CursorKind.CONVERSION_FUNCTION,
)
_CASTS = {
    CursorKind.CSTYLE_CAST_EXPR,
    CursorKind.CXX_STATIC_CAST_EXPR,
    CursorKind.CXX_REINTERPRET_CAST_EXPR,
}


class Mentions:
    """Collects the names in code that is not understood.

    Attributes:
        variables: Keys of the variables.
        names: What else is named, functions above all.
        has_cast: Whether a pointer may be converted there.
    """

    def __init__(self, types: TypeReader) -> None:
        self._types = types
        self.variables: set[tuple[str, int]] = set()
        self.names: set[str] = set()
        self.has_cast = False

    def note_field(self, cursor: Any) -> None:
        """Note a member that gets a value wherever an object is made."""
        if any(child.kind.is_expression() for child in cursor.get_children()):
            self.names.add(cursor.spelling)

    def note(self, cursor: Any) -> tuple[VarRef, ...]:
        """Note all that a cursor names, and return uses of its variables."""
        found: dict[Variable, VarRef] = {}
        for each in cursor.walk_preorder():
            if each.kind in _CASTS and not self._types.ctype(each.type).is_arithmetic:
                self.has_cast = True
            if each.kind.is_expression() or each.kind.is_reference():
                self.names.add(each.spelling)
            target = each.referenced if each.kind.is_expression() else None
            if target is not None and target.kind in _FUNCTIONS:
                self._types.use_function(target, each)
            if target is not None and target.kind in _VARIABLES:
                span = self._types.span(each)
                variable = self._types.variable(target)
                use = VarRef(span, self._types.ctype(each.type), variable)
                found.setdefault(variable, use)
        self.variables.update(each.key for each in found)
        return tuple(found.values())
